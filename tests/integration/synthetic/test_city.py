"""The demo city: same arguments same bytes, looks like a city, and its truth agrees with its files.

The files are read here by plain means (csv, json, calamine), not by our intake, so that both sides of a comparison
are never our own.
"""

from __future__ import annotations

import codecs
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC
from python_calamine import CalamineWorkbook
from stdnum.cn import uscc as gb32100

from ingest.feeds.file_names import SYNTHETIC_MARKER
from ingest.feeds.loading import load_feeds
from ingest.synthetic.city import IDENTITY_TRUTH, TRUTH, generate, truth_folder
from ingest.synthetic.volumes import DISTRICTS
from tests.support.landing_files import content, data_lines, records

AS_OF = date(2026, 11, 20)
FEEDS = load_feeds()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("city") / "landing"
    return out, generate(out, 0.003, 11, AS_OF)


def all_records(out: Path, truth: dict[str, Any], feed_id: str) -> Iterator[dict[str, Any]]:
    for file in truth["files"]:
        if file["feed"] == feed_id and file["status"] == "loaded":
            yield from records(out / file["path"], FEEDS[feed_id])


def digests(out: Path) -> dict[str, str]:
    return {
        p.relative_to(out).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in out.rglob("*") if p.is_file()
    }


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("small") / "landing"
    generate(out, 0.0005, 5, AS_OF)
    return digests(out)


def test_another_seed_gives_another_city(small_city: dict[str, str], tmp_path: Path) -> None:
    generate(tmp_path / "landing", 0.0005, 6, AS_OF)
    other = digests(tmp_path / "landing")
    # the first year's figures of the districts are the same in every city
    assert all(p.startswith("tjj/") for p in small_city.keys() & other.keys() if small_city[p] == other[p])


def test_same_arguments_give_the_same_bytes_and_replace_a_former_city_but_no_other_files(
    small_city: dict[str, str], tmp_path: Path
) -> None:
    generate(tmp_path / "landing", 0.0005, 6, AS_OF - timedelta(days=40))
    kept = tmp_path / "landing" / "fgw" / "credit_list" / "说明.txt"
    kept.write_text("不是演示数据", "utf-8")
    generate(tmp_path / "landing", 0.0005, 5, AS_OF)
    assert kept.read_text("utf-8") == "不是演示数据"
    kept.unlink()
    assert digests(tmp_path / "landing") == small_city


def test_a_city_without_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scale"):
        generate(tmp_path / "landing", 0, 1, AS_OF)


def test_every_feed_has_files_and_nothing_else_lies_in_the_landing(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    assert {f["feed"] for f in truth["files"]} == set(FEEDS)
    there = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert there == {f["path"] for f in truth["files"]} | {SYNTHETIC_MARKER}
    assert {p.name for p in truth_folder(out).iterdir()} == {TRUTH, IDENTITY_TRUTH}


def test_truth_counts_what_the_files_hold(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    for file in truth["files"]:
        feed, path = FEEDS[file["feed"]], out / file["path"]
        if file["received"]:  # nothing can be counted in a damaged file
            held = len(data_lines(path, feed)) if feed.format in ("csv", "tsv") else len(records(path, feed))
            assert held == file["received"], file["path"]
        assert file["received"] == file["loaded"] + file["refused"] + file["duplicate"], file["path"]


def test_the_ledger_is_the_sum_of_the_files_and_balances(city: tuple[Path, dict[str, Any]]) -> None:
    _, truth = city
    for row in truth["ledger"]:
        own = [f for f in truth["files"] if f["feed"] == row["feed"]]
        for name in ("received", "loaded", "refused", "duplicate"):
            assert row[name] == sum(f[name] for f in own)
        assert row["received"] == row["loaded"] + row["refused"] + row["duplicate"]
        assert row["refused"] == sum(row["refused_by_reason"].values())


def test_headers_and_encodings_are_the_contracts(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    marks = {"utf-8-sig": codecs.BOM_UTF8, "utf-16": codecs.BOM_UTF16_LE}
    for file in truth["files"]:
        feed, path = FEEDS[file["feed"]], out / file["path"]
        if not file["received"]:
            continue
        if feed.format in ("csv", "tsv"):
            header = content(path).decode(feed.encoding or "").splitlines()[0]
            in_script = OpenCC("t2s").convert(header) if feed.encoding == "big5" else header
            assert in_script == (feed.delimiter or ",").join(c.label for c in feed.columns)
            mark = marks.get(feed.encoding or "")
            assert content(path).startswith(tuple(marks.values())) == (mark is not None)
            assert content(path).startswith(mark or b"")
        elif feed.format in ("json", "xml"):
            assert "演示数据" in content(path).decode("utf-8")
        elif feed.format in ("html", "xml2003"):
            assert "演示数据" in content(path).decode("gb18030" if feed.format == "html" else "utf-8")
        elif feed.format != "jsonl":  # a line a record leaves no room for a notice; the marker beside it says so
            assert "演示数据" in str(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[:2])


def day_of(path: str) -> str:
    return Path(path).name.split(".")[0][-8:]


def test_nothing_is_later_than_as_of(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    for file in truth["files"]:
        assert datetime.strptime(day_of(file["path"]), "%Y%m%d").date() <= AS_OF
    for feed_id in ("yjgl.inspection", "yjgl.hazard", "scjg.enterprise"):
        moments = {r["更新时间"][:10] for r in all_records(out, truth, feed_id) if r.get("更新时间")}
        assert max(moments) == AS_OF.isoformat()


def test_every_kind_of_fault_is_there(city: tuple[Path, dict[str, Any]]) -> None:
    _, truth = city
    reasons = Counter()
    for row in truth["ledger"]:
        reasons.update(row["refused_by_reason"])
    assert set(reasons) == {
        *("USCC_CHECK", "DATE_INVALID", "REQUIRED_MISSING", "CODE_UNKNOWN", "DATE_ORDER", "NUMBER_INVALID", "RANGE"),
        *("FIELD_COUNT", "UNCLOSED_QUOTE", "FILE_TRUNCATED", "ID_CHECK", "RECORD_SHAPE"),
        "REFERENCE_MISSING",
    }
    assert min(truth["faults"].values()) >= 1
    assert set(truth["repairs"]) == {"FULLWIDTH_FOLDED", "ZERO_PADDED", "UNIT_CONVERTED", "DISTRICT_SUCCEEDED"}


def test_credit_codes_are_valid_but_for_those_planted_wrong(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    codes = [r["统一社会信用代码"] for r in all_records(out, truth, "scjg.enterprise") if r["统一社会信用代码"]]
    wrong = [c for c in codes if not gb32100.is_valid(c)]
    planted = next(r for r in truth["ledger"] if r["feed"] == "scjg.enterprise")["refused_by_reason"]["USCC_CHECK"]
    assert len(wrong) == planted
    assert len(codes) > 700


def test_entities_have_codes_of_their_own_and_small_places_none(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    code_of: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    for row in all_records(out, truth, "scjg.enterprise"):
        if "-" not in row["主体编号"]:
            code_of[row["主体编号"]] = row["统一社会信用代码"]
            kinds[row["主体类型"]] += row["登记状态"] in ("存续", "在业")
            assert (row["主体类型"] == "小型场所") == (not row["统一社会信用代码"])
    given = [c for c in code_of.values() if c]
    assert len(given) == len(set(given))
    assert len(code_of) == truth["marts"]["row_counts"]["core.dim_enterprise"] == 960
    assert 0.06 < 1 - len(given) / 960 < 0.14


def test_districts_have_their_shares_and_names_are_chinese(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    rows = {r["主体编号"]: r for r in all_records(out, truth, "scjg.enterprise") if "-" not in r["主体编号"]}
    retired = {"320103": "320104", "320107": "320106", "320124": "320117", "320125": "320118"}
    seen = Counter(retired.get(r["区划代码"], r["区划代码"]) for r in rows.values())
    total = sum(share for _, share, _, _ in DISTRICTS)
    for code, share, _, _ in DISTRICTS:
        assert abs(seen[code] / len(rows) - share / total) < 0.05, code
    assert all(r["街镇代码"][:6] == retired.get(r["区划代码"], r["区划代码"]) for r in rows.values())
    assert all(int(r["街镇代码"][6:]) < 400 for r in rows.values())
    assert all("一" <= character <= "龥" for r in rows.values() for character in r["名称"])


def inspected_days(out: Path, truth: dict[str, Any]) -> Counter[date]:
    days: Counter[date] = Counter()
    for row in all_records(out, truth, "yjgl.inspection"):
        if "02-30" not in row.get("检查日期", "") and row.get("检查类型"):
            days[date.fromisoformat(row["检查日期"])] += 1
    return days


def test_inspectors_rest_at_weekends_and_over_the_spring_festival(city: tuple[Path, dict[str, Any]]) -> None:
    days = inspected_days(*city)
    week = Counter[int]()
    for day, count in days.items():
        week[day.isoweekday()] += count
    assert week[6] + week[7] < 0.2 * (week[1] + week[2])
    festival = sum(days[date(2025, 1, 29) + timedelta(days=n)] for n in range(7))
    usual = sum(days.values()) / len({d.isocalendar()[:2] for d in days})
    assert festival < 0.3 * usual


def test_waybills_name_registered_vehicles_but_for_those_planted(city: tuple[Path, dict[str, Any]]) -> None:
    plates = {r["车牌号"] for r in all_records(*city, "jtys.key_vehicle")}
    strange = Counter(r["车牌号"] for r in all_records(*city, "jtys.hazmat_waybill") if r.get("车牌号") not in plates)
    planted = next(r for r in city[1]["ledger"] if r["feed"] == "jtys.hazmat_waybill")["refused_by_reason"]
    assert strange == {"苏AOO000": planted["REFERENCE_MISSING"]}


def test_who_finds_nothing_in_his_own_house_is_found_out_by_the_regulator(city: tuple[Path, dict[str, Any]]) -> None:
    own: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    for row in all_records(*city, "yjgl.self_check"):
        if str(row["发现隐患数"]).isdigit():
            own[row["单位名称"]] += int(row["发现隐患数"])
            checks[row["单位名称"]] += 1
    found: Counter[str] = Counter()
    for row in all_records(*city, "yjgl.inspection"):
        if str(row.get("发现隐患数", "")).isdigit():
            found[row["企业名称"]] += int(row["发现隐患数"])
    silent = [name for name, many in checks.items() if many >= 10 and own[name] == 0 and found[name] >= 5]
    assert len(silent) >= 3


def test_few_entities_have_many_inspections(city: tuple[Path, dict[str, Any]]) -> None:
    visits = Counter(r["企业名称"] for r in all_records(*city, "yjgl.inspection"))
    top = sum(count for _, count in visits.most_common(len(visits) // 20))
    assert top > 0.25 * sum(visits.values())


def test_bad_actors_recur_across_departments(city: tuple[Path, dict[str, Any]]) -> None:
    blacklisted = {
        r["统一社会信用代码"] for r in all_records(*city, "fgw.credit_list") if r["名单类型"] == "严重失信主体名单"
    }
    punished = Counter(r["统一社会信用代码"] for r in all_records(*city, "yjgl.penalty"))
    assert len(blacklisted & set(punished)) >= 3
    usual = sum(punished.values()) / len(punished)
    assert max(punished[c] for c in blacklisted) > 3 * usual


def latest(rows: Iterator[dict[str, Any]], key: str, version: str) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row[key] not in kept or row[version] >= kept[row[key]][version]:
            kept[row[key]] = row
    return kept


def reports_of(city: tuple[Path, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    reports: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in all_records(*city, "yjgl.accident"):
        if row["事故类别"] != "35":
            reports[row["事故编号"]].append(row)
    return reports


def test_casualties_rise_within_thirty_days_and_never_fall(city: tuple[Path, dict[str, Any]]) -> None:
    rising = 0
    for reports in reports_of(city).values():
        reports.sort(key=lambda r: int(r["报告版次"]))
        deaths = [int(r["死亡人数"]) for r in reports]  # int() reads full-width digits too
        assert deaths == sorted(deaths)
        hurt = {int(r["死亡人数"]) + int(r["重伤人数"]) for r in reports}
        assert len(hurt) == 1
        for before, after in pairwise(reports):
            if int(after["死亡人数"]) > int(before["死亡人数"]):
                rising += 1
                days = datetime.fromisoformat(after["报告时间"]) - datetime.fromisoformat(after["发生时间"])
                assert days <= timedelta(days=30)
    assert rising >= 3


def test_accidents_by_month_are_what_the_files_say(city: tuple[Path, dict[str, Any]]) -> None:
    """Counted here from the files alone: latest report, valid, of production, not written off, not too slight."""
    _, truth = city
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for reports in reports_of(city).values():
        row = max(reports, key=lambda r: r["报告时间"])
        if row["统计状态"] != "正常" or row["是否生产经营活动"] != "是" or row["核销原因"]:
            continue
        if row["统计领域"] not in ("", "工矿商贸"):
            continue
        deaths, serious, loss_wan = int(row["死亡人数"]), int(row["重伤人数"]), float(row["直接经济损失（万元）"])
        if not (deaths or serious or int(row["轻伤人数"])) and loss_wan < 100:
            continue
        severe = deaths >= 3 or serious >= 10 or loss_wan >= 1000
        for area in (row["区划代码"], "320100"):
            cell = counted[row["发生时间"][:7], area]
            for at, amount in enumerate((1, deaths, serious, int(severe))):
                cell[at] += amount
    for row in truth["marts"]["accident_month"]:
        if row["accident_domain"] == "work" and row["area_code"] != "320190":
            stated = [row[n] for n in ("accidents", "deaths", "serious_injuries", "relatively_serious_or_above")]
            assert stated == counted[row["month_start"][:7], row["area_code"]], row
    assert sum(cell[3] for (_, area), cell in counted.items() if area == "320100") >= 2


def test_hazards_and_their_rectification_are_what_the_files_say(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    known = (r for r in all_records(out, truth, "yjgl.hazard") if "-" not in r["隐患编号"].replace("-", "", 1))
    rows = latest(known, "隐患编号", "更新时间").values()
    assert len(rows) == truth["marts"]["row_counts"]["inspection.fct_hazard"]
    found, due, rectified, on_time = Counter(), Counter(), Counter(), Counter()
    claimed = 0
    for row in rows:
        found[row["发现日期"][:7]] += 1
        if row["整改期限"] <= AS_OF.isoformat():
            done = row["整改完成日期"]
            if row["复查结论"] == "整改不到位" and done <= row["复查日期"]:
                claimed += bool(done)
                done = ""
            due[row["整改期限"][:7]] += 1
            rectified[row["整改期限"][:7]] += bool(done)
            on_time[row["整改期限"][:7]] += bool(done) and done <= row["整改期限"]
    city_rows = [
        r for r in truth["marts"]["inspection_month"] if (r["area_code"], r["department_code"]) == ("320100", "yjgl")
    ]
    for row in city_rows:
        month = row["month_start"][:7]
        stated = [row[n] for n in ("hazards_found", "hazards_due", "hazards_rectified", "hazards_rectified_on_time")]
        assert stated == [found[month], due[month], rectified[month], on_time[month]], month
    assert 0.88 < sum(rectified.values()) / sum(due.values()) < 0.97
    assert claimed > 0  # said to be mended, and a recheck found otherwise


def test_fines_are_what_the_files_say(city: tuple[Path, dict[str, Any]]) -> None:
    out, truth = city
    known = (r for r in all_records(out, truth, "yjgl.penalty") if r["案号"].endswith("号"))
    fines: Counter[str] = Counter()
    for row in latest(known, "案号", "更新时间").values():
        if row["处罚决定日期"]:
            day = datetime.strptime(row["处罚决定日期"], "%Y年%m月%d日")
            text = row["罚款金额（元）"] or "0"
            fines[f"{day:%Y-%m}"] += round(float(text.removesuffix("万元")) * (10_000 if "万" in text else 1))
    for row in truth["marts"]["inspection_month"]:
        if (row["area_code"], row["department_code"]) == ("320100", "yjgl"):
            assert row["fine_yuan"] == fines[row["month_start"][:7]]


def test_in_scope_enterprises_are_mostly_insured_by_now(city: tuple[Path, dict[str, Any]]) -> None:
    _, truth = city
    rows = [r for r in truth["marts"]["insurance_month"] if r["area_code"] == "320100"]
    rates = [r["insured_enterprises"] / r["in_scope_enterprises"] for r in rows]
    assert 0.82 < rates[-1] < 0.96
    assert rates[0] < rates[-1] - 0.05


def test_districts_add_up_to_the_city_and_the_new_area_does_not_count_twice(
    city: tuple[Path, dict[str, Any]],
) -> None:
    _, truth = city
    for mart, measures, rest in (
        ("accident_month", ("accidents", "deaths"), ("accident_domain",)),
        ("inspection_month", ("inspections", "hazards_due", "fine_yuan"), ("department_code",)),
        ("insurance_month", ("in_scope_enterprises", "insured_enterprises"), ()),
        ("credit_last_month", ("enterprises",), ("colour",)),
    ):
        sums: dict[Any, Counter[str]] = defaultdict(Counter)
        for row in truth["marts"][mart]:
            level = {"320100": "city", "320190": "zone"}.get(row["area_code"], "districts")
            for measure in measures:
                sums[(row["month_start"], *(row[n] for n in rest), measure)][level] += row[measure] or 0
        assert all(s["city"] == s["districts"] >= s["zone"] for s in sums.values()), mart
        assert sum(s["zone"] for s in sums.values()) > 0


@pytest.mark.parametrize("feed_id", ["yjgl.hazard", "sthj.waste_manifest"])
def test_one_file_is_cut_off_and_sent_again_whole_the_next_day(city: tuple[Path, dict[str, Any]], feed_id: str) -> None:
    out, truth = city
    cut = [f for f in truth["files"] if f["feed"] == feed_id and f["status"] == "refused" and f["received"]]
    assert [(f["reason"], f["loaded"]) for f in cut] == [("FILE_TRUNCATED", 0)]
    path = out / cut[0]["path"]
    feed = FEEDS[feed_id]
    day = datetime.strptime(day_of(path.name), "%Y%m%d").date()
    again = path.with_name(path.name.replace(f"{day:%Y%m%d}", f"{day + timedelta(days=1):%Y%m%d}"))
    assert not content(path).endswith(b"\n")
    assert set(data_lines(path, feed)[:-1]) <= set(data_lines(again, feed))
    last = data_lines(path, feed)[-1]
    assert any(line.startswith(last) and line != last for line in data_lines(again, feed))
