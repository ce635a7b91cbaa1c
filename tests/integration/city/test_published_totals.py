"""Totals that governments published, from files through intake, matching and dbt to the marts (tests/README.md).

Each city's figures are its own; its records are dated so that today's rules apply, and lie in one landing.
"""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from pathlib import Path

import duckdb
import pytest
from stdnum.cn import uscc

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import prepare, take_in
from ingest.matching.linking import link
from ingest.storage.ledger import Ledger
from orchestration.dbt import call
from orchestration.dbt.project import assembled, write
from quality.outcome import write_schema

AS_OF = date(2026, 11, 20)
UNKNOWN_CLASS = "9998"  # on no list; one of the 14 others bears it

# 银川 2013: 66 = 工矿商贸 25 + 道路运输 40 + 火灾 0 + 农业机械 1; 25 = 煤矿 2 + 金属与非金属矿 1 + 建筑施工 7 + 危险化学品 1 + 其他 14
YINCHUAN, YINCHUAN_YEAR = {"work": 25, "road": 40, "fire": 0, "farm_machinery": 1}, 2025
YINCHUAN_WORK = {"coal": 2, "mine": 1, "construction": 7, "hazardous_chemicals": 1, "other": 14}
_CLASS_OF = {"coal": "0610", "mine": "1011", "construction": "4710", "hazardous_chemicals": "2614", "other": "1311"}
# 南通 2006: 724 = 工矿商贸 39 + 火灾 17 + 道路交通 668
NANTONG, NANTONG_YEAR = {"work": 39, "fire": 17, "road": 668}, 2024
# 广西 2020, six industries: inspected units, penalties, suspensions; 10,561 were to be inspected
GUANGXI = {
    "B": (43, 24, 4),
    "C": (1406, 409, 52),
    "E": (2999, 400, 12),
    "F": (1732, 700, 16),
    "G": (3826, 1414, 28),
    "H": (567, 453, 12),
}
GUANGXI_TO_INSPECT = 10_561
_SECTION_CLASS = {"B": "0610", "C": "1311", "E": "4710", "F": "5162", "G": "5411", "H": "6110"}
# 南通 2023: 696 teams = 综合 15 + 消防 90 + 专业 86 (市级 12, 省级 1) + 突击 135 + 社会 15 + 企业专兼职 355
TEAMS = {"综合应急救援队伍": 15, "消防救援队伍": 90, "专业救援队伍": 86, "应急突击队伍": 135, "社会救援力量": 15}
TEAMS |= {"企业专（兼）职队伍": 355}


def _deliver(home: Home, feed_id: str, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as the department would: its contract's headers and encoding."""
    feed = load_feeds()[feed_id]
    folder = home.landing / feed.department / feed.name
    folder.mkdir(parents=True, exist_ok=True)
    labels = {c.name: c.label for c in feed.columns}
    header = [labels[column] for column in rows[0]]
    if name.endswith(".xlsx"):
        import xlsxwriter

        with xlsxwriter.Workbook(str(folder / name)) as book:
            sheet = book.add_worksheet()
            for place, row in enumerate([header, *(list(r.values()) for r in rows)]):
                sheet.write_row(place, 0, [str(v) if not isinstance(v, int) else v for v in row])
        return
    with (folder / name).open("w", encoding=feed.encoding or "utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(row.values() for row in rows)


def _codes() -> Iterator[str]:
    for number in count(1):
        stem = f"91320100{number:09d}"
        yield stem + uscc.calc_check_digit(stem)


def _accidents(home: Home) -> None:
    """An accident a death, in 玄武区 as 银川 reported them and in 秦淮区 as 南通 did."""
    number = count(1)

    def day(year: int, n: int) -> str:
        return f"{year}-{1 + n % 12:02d}-{1 + n % 28:02d} 08:00:00"

    def work(year: int, district: str, industry: str, domain: str) -> dict[str, object]:
        n = next(number)
        return {
            "accident_id": f"SG{n:05d}",
            "report_version": 1,
            "occurred_at": day(year, n),
            "reported_at": day(year, n).replace("08:", "09:"),
            "district_code": district,
            "industry_code": industry,
            "deaths": 1,
            "serious_injuries": 0,
            "direct_loss_yuan": 120,
            "is_production_related": "是",
            "record_status": "正常",
            "statistical_domain": {"fire": "火灾", "farm_machinery": "农业机械"}.get(domain, "工矿商贸"),
        }

    def road(year: int, district: str) -> dict[str, object]:
        n = next(number)
        return {
            "road_accident_id": f"JT{n:05d}",
            "report_version": 1,
            "occurred_at": day(year, n),
            "district_code": district,
            "vehicle_kind": "货运",
            "deaths": 1,
            "injuries": 0,
            "direct_loss_yuan": 50_000,
            "record_status": "正常",
            "updated_at": day(year, n).replace("08:", "10:"),
        }

    reports = [
        work(YINCHUAN_YEAR, "320102", _CLASS_OF[group], "work") for group, n in YINCHUAN_WORK.items() for _ in range(n)
    ]
    reports[-1]["industry_code"] = UNKNOWN_CLASS
    reports += [work(YINCHUAN_YEAR, "320102", "0111", "farm_machinery") for _ in range(YINCHUAN["farm_machinery"])]
    for domain in ("work", "fire"):
        reports += [work(NANTONG_YEAR, "320104", "1311", domain) for _ in range(NANTONG[domain])]
    roads = [road(YINCHUAN_YEAR, "320102") for _ in range(YINCHUAN["road"])]
    roads += [road(NANTONG_YEAR, "320104") for _ in range(NANTONG["road"])]
    _deliver(home, "yjgl.accident", "事故直报_20261120.csv", reports)
    _deliver(home, "gaj.road_accident", "营运车辆事故_20261120.csv", roads)


def _enforcement(home: Home) -> None:
    """A unit an inspection; the last units are not on the list of those to inspect, and were inspected all the same."""
    units, inspections, penalties, risks = [], [], [], []
    codes = _codes()
    n = 0
    for section, (inspected, penalised, suspended) in GUANGXI.items():
        for place in range(inspected):
            n += 1
            who = {"uscc": next(codes), "enterprise_name": f"广西第{n}号单位"}
            where = {"district_code": "320115"}
            units.append(
                {
                    "entity_id": f"E{n:06d}",
                    "uscc": who["uscc"],
                    "name": who["enterprise_name"],
                    "entity_kind": "企业",
                    **where,
                    "industry_code": _SECTION_CLASS[section],
                    "established_on": "2010-01-01",
                    "status": "存续",
                    "updated_at": "2020-01-01 09:00:00",
                }
            )
            inspections.append(
                {
                    "inspection_id": f"JC{n:06d}",
                    **who,
                    **where,
                    "inspected_on": "2026-03-10",
                    "inspection_kind": "日常检查",
                    "hazards_found": 0,
                    "major_hazards_found": 0,
                    "document_no": f"检〔2026〕{n}号",
                    "updated_at": "2026-03-11 09:00:00",
                }
            )
            if place < penalised:
                penalties.append(
                    {
                        "case_no": f"立〔2026〕{n}号",
                        **who,
                        **where,
                        "filed_on": "2026-03-12",
                        "decided_on": "2026-04-10",
                        "penalty_kind": "责令停产停业" if place < suspended else "警告",
                        "is_accident_penalty": "否",
                        "updated_at": "2026-04-11 09:00:00",
                    }
                )
            if n <= GUANGXI_TO_INSPECT:
                risks.append(
                    {
                        "risk_source_id": f"FX{n:06d}",
                        **who,
                        **where,
                        "risk_name": "配电间",
                        "risk_level": "黄色",
                        "identified_on": "2025-05-01",
                        "record_status": "有效",
                        "updated_at": "2025-05-02 09:00:00",
                    }
                )
    _deliver(home, "scjg.enterprise", "企业登记_20261120.csv", units)
    _deliver(home, "yjgl.inspection", "执法检查_20261120.csv", inspections)
    _deliver(home, "yjgl.penalty", "行政处罚_20261120.csv", penalties)
    _deliver(home, "yjgl.risk_source", "风险源_20261120.csv", risks)


def _teams(home: Home) -> None:
    rows = []
    for kind, teams in TEAMS.items():
        for place in range(teams):
            level = "省级" if place == 0 else "市级" if place <= 12 else "区级"
            rows.append(
                {
                    "team_id": f"DW{len(rows):05d}",
                    "team_name": f"{kind}{place}",
                    "team_kind": kind,
                    "team_level": level if kind == "专业救援队伍" else "",
                    "enterprise_name": f"组建单位{len(rows)}",
                    "district_code": "江宁区",
                    "members": 20,
                    "founded_on": "2020-01-01",
                    "updated_at": "2023-08-15 09:00:00",
                }
            )
    _deliver(home, "yjgl.rescue_team", "应急救援队伍_202311.xlsx", rows)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of one landing that holds all the published cities."""
    home, feeds = Home(tmp_path_factory.mktemp("published") / "home"), load_feeds()
    home.ensure()
    for deliver in (_accidents, _enforcement, _teams):
        deliver(home)
    prepare(home, feeds)
    results = take_in(home, feeds, AS_OF, "r1")
    assert [r for r in results if r.refused or r.status != "loaded"] == []
    with Ledger(home.ledger) as ledger:
        ledger.export(home.lake / "ledger")
    write_schema(home.lake / "checks")
    link(home, feeds)
    build_file = home.build / "jgt.duckdb"
    models = (
        "agg_rescue_team",
        "rpt_accident_breakdown",
        "agg_enforcement_industry_month",
        "fct_penalty",
        "agg_inspection_coverage_month",
        "rpt_unknown_code",
    )
    write(assembled(feeds), home.dbt_project)
    command = [call.dbt_executable(), "build", "--quiet", "--exclude-resource-type", "unit_test", "test"]
    command += ["--select", *(f"+{model}" for model in models)]
    command += ["--project-dir", str(home.dbt_project), "--profiles-dir", str(home.dbt_project)]
    command += ["--target-path", str(home.build / "target"), "--log-path", str(home.build / "target")]
    environment = {**os.environ, **call.environment(home, build_file, AS_OF)}
    done = subprocess.run(command, cwd=home.dbt_project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(build_file), read_only=True) as connection:
        yield connection


def _deaths(marts: duckdb.DuckDBPyConnection, area: str, year: int, dimension: str) -> dict[str, int]:
    found = marts.execute(
        "select item_code, sum(deaths), sum(accidents) from accident.rpt_accident_breakdown where area_code = ? "
        "and dimension_code = ? and period_kind = 'month' and extract(year from month_start) = ? group by 1",
        [area, dimension, year],
    ).fetchall()
    assert all(deaths == accidents for _, deaths, accidents in found)
    return {item: int(deaths) for item, deaths, _ in found}


def test_yinchuan_66_is_25_and_40_and_0_and_1(marts: duckdb.DuckDBPyConnection) -> None:
    by_domain = _deaths(marts, "320102", YINCHUAN_YEAR, "domain")
    assert {domain: by_domain.get(domain, 0) for domain in YINCHUAN} == YINCHUAN
    assert sum(by_domain.values()) == 66


def test_yinchuan_25_at_work_is_2_and_1_and_7_and_1_and_14(marts: duckdb.DuckDBPyConnection) -> None:
    groups = _deaths(marts, "320102", YINCHUAN_YEAR, "work_group")
    assert groups == YINCHUAN_WORK
    assert sum(groups.values()) == 25


def test_nantong_724_is_39_and_17_and_668(marts: duckdb.DuckDBPyConnection) -> None:
    by_domain = {k: v for k, v in _deaths(marts, "320104", NANTONG_YEAR, "domain").items() if v}
    assert by_domain == NANTONG
    assert sum(by_domain.values()) == 724


def test_the_two_cities_together_are_the_whole_and_neither_is_counted_twice(marts: duckdb.DuckDBPyConnection) -> None:
    for year, total in ((YINCHUAN_YEAR, 66), (NANTONG_YEAR, 724)):
        assert sum(_deaths(marts, "320100", year, "domain").values()) == total


@pytest.mark.parametrize(
    ("measure", "place", "total"),
    [("inspected_units", 0, 10_573), ("penalties_decided", 1, 3_400), ("suspensions", 2, 124)],
)
def test_guangxi_by_six_industries(marts: duckdb.DuckDBPyConnection, measure: str, place: int, total: int) -> None:
    found = dict(
        marts.execute(
            f"select section_code, sum({measure}) from inspection.agg_enforcement_industry_month "
            "where area_code = '320100' group by 1"
        ).fetchall()
    )
    assert {section: int(n) for section, n in found.items()} == {s: figures[place] for s, figures in GUANGXI.items()}
    assert sum(found.values()) == total


def test_guangxi_inspected_more_than_it_had_to_and_the_rate_says_so(marts: duckdb.DuckDBPyConnection) -> None:
    planned, inspected = marts.execute(
        "select planned_units, inspected_units from inspection.agg_inspection_coverage_month "
        "where area_code = '320100' order by month_start desc limit 1"
    ).fetchall()[0]
    assert (planned, inspected) == (GUANGXI_TO_INSPECT, 10_573)
    assert inspected / planned > 1


def test_nantongs_696_teams_are_15_and_90_and_86_and_135_and_15_and_355(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "select team_kind_name, teams, provincial_teams, city_teams from core.agg_rescue_team "
        "where area_code = '320100' and teams > 0 order by team_kind_order"
    ).fetchall()
    assert [teams for _, teams, _, _ in found] == [15, 90, 86, 135, 15, 355]
    assert sum(teams for _, teams, _, _ in found) == 696
    assert {name: (province, city) for name, _, province, city in found}["专业救援队伍"] == (1, 12)


def test_no_fact_is_lost_on_the_way(marts: duckdb.DuckDBPyConnection) -> None:
    for table, rows in (
        ("accident.fct_accident", 66 + 724),
        ("inspection.fct_inspection", 10_573),
        ("inspection.fct_penalty", 3_400),
    ):
        assert marts.execute(f"select count(*) from {table}").fetchall() == [(rows,)]


def test_a_class_on_no_list_is_unknown_counted_and_still_in_the_total(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "select industry_code, section_name, is_statistical from accident.fct_accident where industry_code = ?",
        [UNKNOWN_CLASS],
    ).fetchall()
    assert [(code, counted) for code, _, counted in found] == [(UNKNOWN_CLASS, True)]
    sections = _deaths(marts, "320102", YINCHUAN_YEAR, "section")
    assert sections["unknown"] == 1 + YINCHUAN["road"]  # a road accident without an enterprise has no industry
    assert sum(sections.values()) == 66
    unknown = marts.execute("select feed, column_name, code, code_rows from quality.rpt_unknown_code").fetchall()
    assert unknown == [("yjgl.accident", "industry_code", UNKNOWN_CLASS, 1)]


def test_the_files_are_where_departments_put_them() -> None:
    """The landing above is only as real as its file names: each matches its contract's pattern."""
    feeds = load_feeds()
    for feed_id, name in (
        ("yjgl.risk_source", "风险源_20261120.csv"),
        ("yjgl.rescue_team", "应急救援队伍_202311.xlsx"),
    ):
        assert Path(name).match(feeds[feed_id].file_pattern)
