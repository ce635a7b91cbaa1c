"""The second day of a published city: corrections, bad files, a new version, back again, and a run that must not publish."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.base.home import Home

Jgt = Callable[..., subprocess.CompletedProcess[str]]
AS_OF = date(2026, 11, 20)  # the day of the fixture `published_home`
NEXT_DAY = AS_OF + timedelta(days=1)


@pytest.fixture(scope="module")
def city(published_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the published city that these tests may change."""
    root = tmp_path_factory.mktemp("second-day") / "home"
    shutil.copytree(published_home.root, root, symlinks=True)
    return Home(root)


def _value(jgt: Jgt, home: Home, query: str) -> Any:
    shown = jgt(home, "sql", query, "--format", "json")
    assert shown.returncode == 0, shown.stderr
    [row] = json.loads(shown.stdout)
    [value] = row.values()
    return value


def _first_hazard(home: Home) -> tuple[Path, str, list[str]]:
    """A delivered hazard file, its header line, and the fields of a row that is already on the ledger."""
    files = sorted((home.landing / "yjgl" / "hazard").glob("隐患_*.csv"))
    header, first, *_ = files[0].read_text("utf-8-sig").splitlines()
    return files[0], header, first.split(",")


@pytest.fixture(scope="module")
def second_day(city: Home, jgt: Jgt) -> dict[str, Any]:
    """Land a correction and four kinds of bad file, run the next day."""
    before = (city.serving / "current").resolve().name
    delivered, header, row = _first_hazard(city)
    names = header.split(",")
    row[names.index("隐患类别")] = "更正后的类别"
    row[names.index("更新时间")] = f"{NEXT_DAY} 08:00:00"
    day = NEXT_DAY.strftime("%Y%m%d")
    folder = delivered.parent
    (folder / f"隐患_{day}.csv").write_text("\ufeff" + header + "\r\n" + ",".join(row) + "\r\n", "utf-8")
    (folder / "备忘.txt").write_text("请查收", "utf-8")
    (city.landing / "yjgl" / "inspection" / f"执法检查_{day}.csv").write_bytes(b"")
    (city.landing / "xfjy" / "fire_inspection" / f"消防监督检查_{day}.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (city.landing / "scjg" / "enterprise" / f"企业登记_{day}.csv").write_bytes(b"\xd6\xf7\r\nX1,\xff\xff\r\n")
    ran = jgt(city, "run", "--date", NEXT_DAY.isoformat())
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {
        "before": before,
        "after": (city.serving / "current").resolve().name,
        "key": row[names.index("隐患编号")],
        "said": ran.stdout,
        "status": json.loads(jgt(city, "status", "--json").stdout),
    }


def test_a_new_version_is_served(second_day: dict[str, Any]) -> None:
    assert second_day["after"] != second_day["before"]
    assert second_day["status"]["published"]["version"] == second_day["after"]


def test_the_correction_supersedes_and_history_stays(second_day: dict[str, Any], city: Home, jgt: Jgt) -> None:
    query = f"select category from inspection.fct_hazard where hazard_id = '{second_day['key']}'"
    assert _value(jgt, city, query) == "更正后的类别"
    before = f"select count(*) from inspection.fct_hazard where hazard_id = '{second_day['key']}'"
    assert _value(jgt, city, before) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("备忘.txt", "FILE_UNKNOWN"),
        ("执法检查_", "FILE_EMPTY"),
        ("消防监督检查_", "FILE_UNREADABLE"),
        ("企业登记_", "FILE_ENCODING"),
    ],
)
def test_a_bad_file_is_refused_with_reason_and_remedy_and_kept(
    second_day: dict[str, Any], city: Home, name: str, code: str
) -> None:
    day = NEXT_DAY.strftime("%Y%m%d")
    refused = [
        r for r in second_day["status"]["refused_files"] if name in r["file"] and (day in r["file"] or "备忘" in name)
    ]
    assert [r["reason_code"] for r in refused] == [code]
    assert "。" in refused[0]["reason_message"]
    assert refused[0]["file"] in second_day["said"]
    sidecars = [p for p in (city.quarantine / "files").glob("*.json") if refused[0]["file"] in p.read_text("utf-8")]
    assert [p.with_suffix("").exists() for p in sidecars] == [True]  # the file itself, whole, beside its reason


def test_the_ledger_still_balances(second_day: dict[str, Any]) -> None:
    assert second_day["status"]["balanced"] is True


def test_rollback_serves_the_version_before_at_once(second_day: dict[str, Any], city: Home, jgt: Jgt) -> None:
    back = jgt(city, "rollback")
    assert back.returncode == 0, back.stderr
    assert (city.serving / "current").resolve().name == second_day["before"]
    query = f"select category from inspection.fct_hazard where hazard_id = '{second_day['key']}'"
    assert _value(jgt, city, query) != "更正后的类别"
    assert jgt(city, "rollback", second_day["after"]).returncode == 0
    assert (city.serving / "current").resolve().name == second_day["after"]
    assert second_day["before"] in jgt(city, "versions").stdout


def test_a_damaged_lake_file_blocks_and_the_last_good_version_keeps_serving(
    second_day: dict[str, Any], city: Home, jgt: Jgt
) -> None:
    lake_file = max((city.lake / "raw" / "yjgl" / "hazard").glob("*.parquet"), key=lambda p: p.stat().st_size)
    content = bytearray(lake_file.read_bytes())
    content[len(content) // 2] ^= 1
    lake_file.chmod(0o644)
    lake_file.write_bytes(content)
    ran = jgt(city, "run", "--date", NEXT_DAY.isoformat(), "--force")
    assert ran.returncode == 1
    assert lake_file.name in ran.stdout
    assert "sha256" in ran.stdout
    assert second_day["after"] in ran.stdout  # what is still served is said
    assert (city.serving / "current").resolve().name == second_day["after"]
    last_run = json.loads(jgt(city, "status", "--json").stdout)["last_run"]
    assert last_run["outcome"] == "blocked"
    assert _value(jgt, city, "select count(*) > 0 from core.dim_enterprise") is True
