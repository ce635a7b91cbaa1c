"""From a file of a department nobody knows to rows in the marts: `jgt feed new`, a small edit, intake, dbt. No Python, no SQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from ingest.authoring.contract_text import Edited
from ingest.base.home import Home
from ingest.feeds.loading import load_departments, load_feeds
from ingest.intake.take_in import prepare, take_in
from ingest.storage.ledger import Ledger
from orchestration.dbt.project import assembled
from orchestration.dbt.project import write as write_project
from quality.outcome import write_schema

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(body: str) -> str:
    """A 统一社会信用代码 with its check character, by GB 32100-2015."""
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[-total % 31]


CODES = tuple(uscc(f"91320102MA1TYTY0{i}") for i in "1234")
DISTRICTS = ("玄武区", "秦淮区", "建邺区", "鼓楼区")
HEADERS = "巡查编号 场馆名称 统一社会信用代码 所在区 巡查日期 检查类型 发现隐患数 重大隐患数 巡查人员 联系电话 整改费用（万元） 更新时间"


def patrols(count: int = 40) -> list[dict[str, str]]:
    """Patrols of sports venues, as an office would hand them over."""
    return [
        dict(
            zip(
                HEADERS.split(),
                (
                    f"TY{i:05}",
                    f"第{i % 9}游泳馆",
                    CODES[i % 4],
                    DISTRICTS[i % 4],
                    f"2026年11月{i % 28 + 1}日",
                    ("日常检查", "专项检查")[i % 2],
                    str(i % 5),
                    str(i % 2),
                    ("王建国", "李秀英", "张伟", "刘洋", "陈静")[i % 5],
                    f"138{i:08}",
                    f"{i / 10:.1f}",
                    f"2026-11-{i % 28 + 1:02} 09:30:00",
                ),
                strict=True,
            )
        )
        for i in range(count)
    ]


def write(path: Path, records: list[dict[str, str]], encoding: str = "gb18030") -> Path:
    lines = [",".join(records[0]), *(",".join(r.values()) for r in records)]
    path.write_text("\n".join(lines) + "\n", encoding)
    return path


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("JGT_CONTRACTS", str(folder))
    return folder


def jgt(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("jgt")), *arguments]
    environment = {**os.environ, "JGT_HOME": str(home), "JGT_LANG": "zh", "COLUMNS": "200"}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_an_unknown_departments_inspections_reach_the_mart(tmp_path: Path, own: Path) -> None:
    sample = write(tmp_path / "场馆巡查_20261120.csv", patrols())
    drafted = jgt(
        tmp_path,
        "feed",
        "new",
        str(sample),
        "--department",
        "tyj",
        "--department-name",
        "体育局",
        "--name",
        "venue_patrol",
    )
    assert drafted.returncode == 0, drafted.stderr
    assert "主题：inspection" in drafted.stdout
    assert "巡查人员" in drafted.stdout  # said to be suspected personal data
    assert "入库 40，退回 0" in drafted.stdout
    assert "体育局" in {d["name"] for d in load_departments()}
    # the small edit: what the office calls 场馆名称 is the subject's 企业名称
    contract = own / "tyj" / "venue_patrol.yaml"
    edited = Edited(contract.read_text("utf-8"))
    edited.set_on_column("venue_name", "customProperties", [{"property": "mapsTo", "value": "enterprise_name"}])
    contract.write_text(edited.text, "utf-8")
    checked = jgt(tmp_path, "feed", "check", "tyj.venue_patrol", "--sample", str(sample))
    assert checked.returncode == 0, checked.stdout

    home, feeds = Home(tmp_path / "home"), load_feeds()
    prepare(home, feeds)
    shutil.copy(sample, home.landing / "tyj" / "venue_patrol")
    [batch] = take_in(home, feeds, date(2026, 11, 20), "first")
    assert (batch.feed, batch.received, batch.loaded) == ("tyj.venue_patrol", 40, 40)
    rows = (
        build(home, tmp_path)
        .execute(
            "select inspection_id, enterprise_name, uscc, district_code, inspected_on, inspection_kind, hazards_found "
            "from inspection.fct_inspection order by inspection_id"
        )
        .fetchall()
    )
    districts = {"玄武区": "320102", "秦淮区": "320104", "建邺区": "320105", "鼓楼区": "320106"}
    kinds = {"日常检查": "routine", "专项检查": "special"}
    assert rows == [
        (
            r["巡查编号"],
            r["场馆名称"],
            r["统一社会信用代码"],
            districts[r["所在区"]],
            date(2026, 11, int(r["巡查日期"].split("月")[1].rstrip("日"))),
            kinds[r["检查类型"]],
            int(r["发现隐患数"]),
        )
        for r in patrols()
    ]


def build(home: Home, folder: Path) -> duckdb.DuckDBPyConnection:
    """The one mart and what it stands on, built by dbt from the lake, in a project of its own."""
    with Ledger(home.ledger) as ledger:
        ledger.export(home.lake / "ledger")
    write_schema(home.lake / "checks")
    project, file = folder / "dbt_project", folder / "jgt.duckdb"
    write_project(assembled(load_feeds()), project)
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build", "--quiet"]
    command += ["--select", "+fct_inspection", "--exclude-resource-type", "test", "unit_test"]
    command += ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(folder / "target")]
    environment = {**os.environ, "JGT_LAKE": str(home.lake), "JGT_BUILD_FILE": str(file), "JGT_AS_OF": "2026-11-20"}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return duckdb.connect(str(file), read_only=True)


def test_the_draft_says_what_it_found_and_writes_nothing_over(tmp_path: Path, own: Path) -> None:
    sample = write(tmp_path / "场馆巡查_20261120.csv", patrols())
    arguments = ("feed", "new", str(sample), "--department", "tyj", "--name", "venue_patrol", "--subject", "none")
    assert jgt(tmp_path, *arguments).returncode == 0
    feed = load_feeds()["tyj.venue_patrol"]
    assert (feed.encoding, feed.delimiter, feed.format, feed.file_pattern) == ("gb18030", ",", "csv", "场馆巡查_*.csv")
    assert [feed.column(name).label for name in feed.key] == ["巡查编号"]
    assert feed.version_column == "updated_at"
    assert feed.column("uscc").rules == ("gb32100",)
    assert feed.column("patrolled_on").logical_type == "date"
    assert feed.column("rectification_yuan").unit is not None
    assert {c.label for c in feed.columns if c.is_personal} == {"巡查人员", "联系电话"}
    text = (own / "tyj" / "venue_patrol.yaml").read_text("utf-8")
    assert "王建国" not in text
    assert "13800000001" not in text
    # a shape of its own takes a staging model, drafted beside the contract
    assert (own / "tyj" / "models" / "stg_tyj__venue_patrol.sql").exists()
    assert jgt(tmp_path, "feed", "check", "tyj.venue_patrol").returncode == 0
    again = jgt(tmp_path, *arguments)
    assert again.returncode == 1
    assert "jgt feed accept tyj.venue_patrol" in again.stderr
    assert (own / "tyj" / "venue_patrol.yaml").read_text("utf-8") == text


def test_rows_that_the_draft_would_refuse_are_told_with_their_numbers(tmp_path: Path, own: Path) -> None:
    records = patrols()
    records[7]["巡查日期"] = "待定"
    sample = write(tmp_path / "场馆巡查.csv", records)
    drafted = jgt(tmp_path, "feed", "new", str(sample), "--department", "tyj", "--name", "venue_patrol")
    assert "退回 1" in drafted.stdout
    assert "patrolled_on" in drafted.stdout
    assert "第 9 行" in drafted.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--department"),
        (("--department", "体育局"), "命名规则"),
        (("--department", "tyj", "--subject", "体检"), "inspection"),
    ],
)
def test_what_is_missing_is_said_with_the_option_that_gives_it(
    arguments: tuple[str, ...], said: str, tmp_path: Path, own: Path
) -> None:
    sample = write(tmp_path / "场馆巡查.csv", patrols(3))
    done = jgt(tmp_path, "feed", "new", str(sample), *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert not list(own.rglob("*.yaml"))


def test_a_sample_may_come_from_the_web(tmp_path: Path, own: Path) -> None:
    body = json.dumps({"data": patrols()}, ensure_ascii=False).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/venues"):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)
            else:
                self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://user:secret@127.0.0.1:{server.server_port}"
        done = jgt(tmp_path, "feed", "new", f"{address}/venues?page=1", "--department", "tyj", "--name", "venue_patrol")
        lost = jgt(tmp_path, "feed", "new", f"{address}/nothing", "--department", "tyj", "--name", "other")
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert load_feeds()["tyj.venue_patrol"].format == "json"
    assert "404" in lost.stderr
    assert "secret" not in done.stdout + done.stderr + lost.stdout + lost.stderr
    assert "secret" not in (own / "tyj" / "venue_patrol.yaml").read_text("utf-8")


def test_the_catalogue_lists_what_is_there_as_people_and_programs_read_it(tmp_path: Path, own: Path) -> None:
    told = json.loads(jgt(tmp_path, "feed", "list", "--department", "应急局", "--json").stdout)
    [inspection] = [e for e in told if e["feed"] == "yjgl.inspection"]
    assert (inspection["subject"], inspection["state"], inspection["rows_loaded"]) == ("inspection", "never", 0)
    shown = jgt(tmp_path, "feed", "show", "yjgl.inspection").stdout
    for text in ("检查编号", "社会信用代码", "GB 32100", "个人信息"):
        assert text in shown
    lost = jgt(tmp_path, "feed", "show", "yjgl.inspektion")
    assert (lost.returncode, "yjgl.inspection" in lost.stderr) == (1, True)
