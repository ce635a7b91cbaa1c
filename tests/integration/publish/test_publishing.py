"""A version is published whole or not at all; what was served before goes on being served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from orchestration.lookup.connection import connect
from orchestration.publish import publishing, serving_file
from orchestration.publish.publishing import PublishingError, current_version, publish, rollback, versions
from orchestration.publish.versions import publishing_lock
from quality.outcome import CheckResult, read_results
from tests.support.small_warehouse import AS_OF, build, deliver, result, write_manifest

PUBLISHER = """
import sys
from datetime import date
from pathlib import Path
from tests.support.small_warehouse import result
from ingest.base.home import Home
from orchestration.publish.publishing import publish
publish(Home(Path(sys.argv[1])), Path(sys.argv[2]), date(2026, 11, 20), [result()], {"run_id": "r1"})
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def build_file(tmp_path: Path) -> Path:
    return build(tmp_path / "build" / "jgt.duckdb")


def put_out(home: Home, build_file: Path, results: list[CheckResult] | None = None, as_of: date = AS_OF) -> str:
    manifest_file = write_manifest(build_file.parent)
    extra = {"run_id": "r1", "dbt_manifest": str(manifest_file)}
    return publish(home, build_file, as_of, results if results is not None else [result()], extra)


def test_the_version_holds_the_marts_and_nothing_of_staging(home: Home, build_file: Path) -> None:
    assert put_out(home, build_file) == "20261120-001"
    with connect(home) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by 1"
        ).fetchall()
        rows = connection.execute("select count(*), sum(deaths) from accident.fct_accident").fetchone()
    assert [t[0] for t in tables] == [
        "accident.agg_accident_month",
        "accident.fct_accident",
        "core.dim_district",
        "quality.dim_column",
        "quality.fct_check_result",
        "quality.rpt_publication",
    ]
    assert rows == (20_000, sum(i % 7 for i in range(20_000)))
    assert "秘密".encode() not in home.current.read_bytes()


def test_labels_keys_and_order_come_from_dbts_manifest(home: Home, build_file: Path) -> None:
    put_out(home, build_file)
    with connect(home) as connection:
        comment = connection.execute(
            "select comment from duckdb_columns() where table_name = 'fct_accident' and column_name = 'deaths'"
        ).fetchone()
        label = connection.execute("select comment from duckdb_tables() where table_name = 'fct_accident'").fetchone()
        nullable = connection.execute(
            "select column_name, is_nullable from duckdb_columns() where table_name = 'agg_accident_month'"
        ).fetchall()
        first = connection.execute("select area_code from core.dim_district limit 1").fetchone()
        dictionary = connection.execute(
            "select label, caliber, data_type from quality.dim_column "
            "where table_name = 'fct_accident' and column_name = 'deaths'"
        ).fetchone()
        bare = connection.execute(
            "select column_name from quality.dim_column where label = '' and table_name like '%accident%'"
        ).fetchall()
    assert comment == ("死亡人数：统计口径内",)
    assert label == ("事故",)
    assert dict(nullable)["area_code"] is False
    assert first == ("320100",)
    assert dictionary == ("死亡人数", "统计口径内", "BIGINT")
    assert bare == []


def test_the_publication_says_what_it_is(home: Home, build_file: Path) -> None:
    deliver(home)
    put_out(home, build_file, [result(), result("fail", "warn", "mart.w")])
    with connect(home) as connection:
        told = connection.execute(
            "select version, as_of, is_synthetic, verdict, checks_total, checks_failed, data_notice "
            "from quality.rpt_publication"
        ).fetchall()
        checks = connection.execute("select check_id, outcome from quality.fct_check_result order by 1").fetchall()
    notice = "演示数据 · 数据截至 2026-11-20 · 检查 2 项，1 项提醒"
    assert told == [("20261120-001", AS_OF, True, "warn", 2, 1, notice)]
    assert checks == [("mart.w", "fail"), ("mart.x.y", "pass")]


def test_the_manifest_accounts_for_inputs_and_tables(home: Home, build_file: Path) -> None:
    deliver(home)
    put_out(home, build_file)
    folder = home.serving / "20261120-001"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["inputs"][0]["sha256"] == "file-1"
    assert manifest["tables"]["accident.fct_accident"]["rows"] == 20_000
    assert manifest["is_synthetic"] is True
    assert manifest["run_id"] == "r1"
    assert sorted(p.name for p in folder.iterdir()) == ["dbt_manifest.json", "jgt.duckdb", "manifest.json"]
    assert (folder / "jgt.duckdb").stat().st_mode & 0o777 == 0o444
    assert publishing.published_manifest_path(home).is_file()


def test_the_check_history_of_a_run_tried_again_is_not_doubled(home: Home, build_file: Path) -> None:
    with duckdb.connect(str(build_file)) as connection:
        publish_columns = ", ".join(f'"{n}" {t}' for n, t in serving_file.COLUMNS.items())
        connection.execute(f"create table quality.fct_check_result ({publish_columns})")
        connection.execute("insert into quality.fct_check_result by name select 'a' as check_id, 'r1' as run_id")
        connection.execute("insert into quality.fct_check_result by name select 'a' as check_id, 'r0' as run_id")
    put_out(home, build_file)
    with connect(home) as connection:
        runs = connection.execute("select run_id, check_id from quality.fct_check_result order by 1").fetchall()
    assert runs == [("r0", "a"), ("r1", "mart.x.y")]


@pytest.mark.parametrize("outcome", ["fail", "error"])
def test_a_check_that_blocks_leaves_the_last_good_version_serving_and_says_so(
    home: Home, build_file: Path, outcome: str
) -> None:
    good = put_out(home, build_file)
    with pytest.raises(PublishingError, match=f"继续提供 {good}"):
        put_out(home, build_file, [result(), result(outcome, check_id="mart.bad")])
    assert current_version(home) == good
    assert [v["version"] for v in versions(home)] == [good]
    verdict = json.loads((home.serving / "verdict.json").read_text("utf-8"))
    assert (verdict["outcome"], verdict["version"]) == ("blocked", good)
    assert [c["check_id"] for c in verdict["blocking"]] == ["mart.bad"]
    assert [r.outcome for r in read_results(home.lake / "checks", "r1")] == [outcome, "pass"]


def test_a_build_without_any_check_is_not_published(home: Home, build_file: Path) -> None:
    with pytest.raises(PublishingError, match="没有任何检查结果"):
        put_out(home, build_file, [])
    assert current_version(home) is None


def test_a_row_that_breaks_a_key_column_is_not_published(home: Home, build_file: Path) -> None:
    good = put_out(home, build_file)
    with duckdb.connect(str(build_file)) as connection:
        connection.execute("insert into accident.fct_accident (mark) values (1)")
    with pytest.raises(PublishingError, match="NOT NULL"):
        put_out(home, build_file)
    assert current_version(home) == good
    assert [p.name for p in home.serving.glob("*.tmp-*")] == []


def test_a_copy_that_differs_from_the_build_is_not_published(
    home: Home, build_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = publishing.record_publication

    def lose_a_row(file: Path, *rest: object) -> dict[str, serving_file.Table]:
        with duckdb.connect(str(file)) as connection:
            connection.execute("delete from accident.fct_accident where accident_id = 'A7'")
        return genuine(file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "record_publication", lose_a_row)
    with pytest.raises(PublishingError, match=r"指纹不一致：accident\.fct_accident"):
        put_out(home, build_file)
    assert current_version(home) is None


def test_a_damaged_build_file_is_not_published(home: Home, build_file: Path) -> None:
    content = bytearray(build_file.read_bytes())
    for at in range(40_000, len(content), 30_000):
        content[at] ^= 1
    build_file.write_bytes(content)
    with pytest.raises(PublishingError, match="未发布"):
        put_out(home, build_file)
    assert current_version(home) is None


def test_names_are_never_used_twice_even_after_versions_are_gone(home: Home, build_file: Path) -> None:
    names = [put_out(home, build_file) for _ in range(8)]
    assert names == [f"20261120-{n:03d}" for n in range(1, 9)]
    assert [v["version"] for v in versions(home)] == names[:2:-1]
    later = date(2026, 11, 21)
    assert put_out(home, build_file, as_of=later) == "20261121-001"


def test_rollback_returns_to_what_was_served_before(home: Home, build_file: Path) -> None:
    first, second, third = (put_out(home, build_file) for _ in range(3))
    assert rollback(home) == second
    assert current_version(home) == second
    fourth = put_out(home, build_file)
    assert rollback(home) == second  # not the third, which had been taken back
    assert rollback(home) == first
    with pytest.raises(PublishingError, match="没有更早的版本"):
        rollback(home)
    assert rollback(home, third) == third
    assert current_version(home) == third
    with pytest.raises(PublishingError, match="没有版本 20990101-001"):
        rollback(home, "20990101-001")
    with pytest.raises(PublishingError, match="正是当前版本"):
        rollback(home, third)
    assert fourth in [v["version"] for v in versions(home)]


def test_the_current_version_and_the_one_it_replaced_outlive_the_pruning(home: Home, build_file: Path) -> None:
    first = put_out(home, build_file)
    for _ in range(4):
        put_out(home, build_file)
    rollback(home, first)
    put_out(home, build_file)
    assert first in [v["version"] for v in versions(home)]
    assert rollback(home) == first


def test_only_one_publishes_at_a_time(home: Home, build_file: Path) -> None:
    with publishing_lock(home), pytest.raises(PublishingError, match="另一个进程正在发布"):
        put_out(home, build_file)


def test_a_publisher_killed_at_any_moment_leaves_the_current_version_whole(home: Home, tmp_path: Path) -> None:
    small = put_out(home, build(tmp_path / "small" / "jgt.duckdb", mark=1))
    big = build(tmp_path / "big" / "jgt.duckdb", mark=2, rows=3_000_000)
    command = [sys.executable, "-c", PUBLISHER, str(home.root), str(big)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    killed = 0
    for delay in (0.0, 0.1, 0.3, 0.5):
        with subprocess.Popen(command, env=environment) as publisher:
            until = time.monotonic() + 60
            while not list(home.serving.glob("*.tmp-*")) and publisher.poll() is None and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(delay)
            publisher.kill()
        unfinished = list(home.serving.glob("*.tmp-*"))
        killed += bool(unfinished)
        with connect(home) as connection:
            facts = connection.execute("select count(*), min(mark), max(mark) from accident.fct_accident").fetchone()
        assert facts in ((20_000, 1, 1), (3_000_000, 2, 2))
    assert killed, "no publisher was caught in mid-copy: the test shows nothing"
    last = put_out(home, build(tmp_path / "next" / "jgt.duckdb", mark=3))
    assert list(home.serving.glob("*.tmp-*")) == []
    assert current_version(home) == last
    assert small in [v["version"] for v in versions(home)]


def test_a_version_that_was_finished_but_never_switched_to_is_removed(home: Home, build_file: Path) -> None:
    first = put_out(home, build_file)
    stray = home.serving / "20261120-077"
    stray.mkdir()
    (stray / "manifest.json").write_text((home.serving / first / "manifest.json").read_text("utf-8"), "utf-8")
    put_out(home, build_file)
    assert not stray.exists()
    assert current_version(home) != "20261120-077"
