"""From records in the lake to links, queue and places: codes first, then names; decisions kept; nothing depends on order."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from ingest.matching.decisions import DecisionRefused, Decisions
from ingest.matching.linking import link
from ingest.storage.ledger import Ledger
from tests.support.small_register import CASES, FEEDS, REGISTER, TIPS, deliver, links, queue, registered

CODE, OTHER_CODE = "91320115MA1WXYK12A", "913201047041234567"
ROAD = "南京市江宁区东山街道双龙大道128号"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def tip(
    name: str | None, address: str | None = None, district: str | None = "320115", number: str = "1"
) -> dict[str, str | None]:
    return {"tip_no": number, "enterprise_name": name, "address": address, "district_code": district}


def files(home: Home) -> dict[str, str]:
    found = sorted((home.lake / "entities").glob("*.parquet"))
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def test_a_code_finds_its_holder_whatever_the_name(home: Home) -> None:
    deliver(
        home, REGISTER, [registered("E1", "南京鑫盛机械有限公司", ROAD, uscc=CODE, registration_no="320115000012345")]
    )
    cases = [
        {"case_no": "1", "uscc": CODE, "enterprise_name": "鑫盛"},
        {"case_no": "2", "organization_code": "MA1WXYK12", "enterprise_name": "鑫盛机械公司"},
        {"case_no": "3", "registration_no": "320115000012345", "enterprise_name": "鑫盛机械厂"},
        {"case_no": "4", "organization_code": "MA1WXYK12", "enterprise_name": "张三小吃店"},
        {"case_no": "5", "organization_code": "MA1WXYK1-2", "enterprise_name": "鑫盛机械"},  # as on the old card
    ]
    deliver(home, CASES, cases)
    link(home, FEEDS)
    found = links(home)
    assert found["鑫盛"] == ("E1", "linked", "uscc")
    assert found["鑫盛机械公司"] == ("E1", "linked", "organization_code")
    assert found["鑫盛机械"] == ("E1", "linked", "organization_code")
    assert found["鑫盛机械厂"] == ("E1", "linked", "registration_no")
    assert found["张三小吃店"] == (None, "queued", None)
    assert [c["reason"] for c in queue(home)] == ["name_differs"]


@pytest.mark.parametrize(
    "name",
    [
        "南京鑫盛機械有限公司",
        "鑫盛机械有限责任公司",
        "南京 鑫盛机械 有限公司",
        "鑫盛（南京）机械有限公司",
        "南京市江宁区鑫盛机械有限公司",
    ],
)
def test_a_name_written_otherwise_at_the_same_address_is_the_same_enterprise(home: Home, name: str) -> None:
    rows = [registered("E1", "南京鑫盛机械有限公司", ROAD), registered("E2", "南京鑫源机械有限公司", ROAD)]
    deliver(home, REGISTER, rows)
    deliver(home, TIPS, [tip(name, "江宁区双龙大道１２８号")])
    link(home, FEEDS)
    assert links(home)[name] == ("E1", "linked", "name")


def test_the_same_shop_name_in_two_streets_is_told_apart_by_address_or_not_at_all(home: Home) -> None:
    rows = [registered("E1", "江宁区张三小吃店", ROAD), registered("E2", "江宁区张三小吃店", "江宁区胜太路5号")]
    deliver(home, REGISTER, rows)
    deliver(home, TIPS, [tip("张三小吃店", "胜太路5号"), tip("江宁区张三小吃店", None, number="2")])
    link(home, FEEDS)
    assert links(home) == {"张三小吃店": ("E2", "linked", "name"), "江宁区张三小吃店": (None, "queued", None)}
    assert {c["entity_id"] for c in queue(home)} == {"E1", "E2"}


def test_a_former_name_leads_to_who_bears_another_now(home: Home) -> None:
    rows = [
        registered("E1", "南京鑫盛机械有限公司", ROAD),
        registered("E1", "南京宏图装备有限公司", ROAD, updated_at=datetime(2025, 1, 1)),
    ]
    deliver(home, REGISTER, rows)
    deliver(home, TIPS, [tip("南京鑫盛机械有限公司", ROAD)])
    link(home, FEEDS)
    assert links(home)["南京鑫盛机械有限公司"] == ("E1", "linked", "name")


def test_a_dead_enterprises_code_under_a_strangers_name_is_a_stewards(home: Home) -> None:
    rows = [
        registered("E1", "南京鑫盛机械有限公司", ROAD, uscc=CODE, status="deregistered"),
        registered("E2", "江宁区张三小吃店", ROAD, uscc=OTHER_CODE),
    ]
    deliver(home, REGISTER, rows)
    cases = [
        {"case_no": "1", "uscc": CODE, "enterprise_name": "南京鑫盛机械有限公司"},
        {"case_no": "2", "uscc": CODE, "enterprise_name": "江宁区张三小吃店"},
    ]
    deliver(home, CASES, cases)
    link(home, FEEDS)
    assert links(home) == {
        "南京鑫盛机械有限公司": ("E1", "linked", "uscc"),
        "江宁区张三小吃店": (None, "queued", None),
    }
    assert {c["reason"] for c in queue(home)} == {"dead_code"}


def test_the_same_name_under_an_unknown_code_is_a_stewards(home: Home) -> None:
    deliver(home, REGISTER, [registered("E1", "南京鑫盛机械有限公司", ROAD, uscc=CODE)])
    deliver(home, CASES, [{"case_no": "1", "uscc": OTHER_CODE, "enterprise_name": "南京鑫盛机械有限公司"}])
    link(home, FEEDS)
    assert links(home)["南京鑫盛机械有限公司"] == (None, "queued", None)
    assert [c["reason"] for c in queue(home)] == ["other_code"]


def test_a_place_that_no_register_knows_is_one_entity_for_all_who_write_of_it(home: Home) -> None:
    deliver(home, REGISTER, [registered("E1", "南京鑫盛机械有限公司", ROAD)])
    deliver(home, TIPS, [tip("李嫂麻辣烫", "江宁区东山街道胜太路5号")], date(2026, 11, 19))
    tips = [
        tip("李嫂　麻辣燙", "胜太路5号", number="2"),
        tip("王记修车铺", None, number="3"),  # where it is, nobody says
        tip("南京无名实业有限公司", "江宁区胜太路9号", number="4"),  # a company belongs into the register
    ]
    deliver(home, TIPS, tips)
    made = link(home, FEEDS)
    found = links(home)
    place, outcome, method = found["李嫂麻辣烫"]
    assert (outcome, method) == ("linked", "place")
    assert found["李嫂　麻辣燙"] == (place, "linked", "place")
    assert found["王记修车铺"][0] is found["南京无名实业有限公司"][0] is None
    assert made.places == 1
    row = duckdb.sql(
        "select entity_id, name, entity_kind, district_code, street_code, departments, mentions, records from "
        f"'{home.lake}/entities/entity_place.parquet'"
    ).fetchall()
    assert row == [(place, "李嫂麻辣烫", "small_place", "320115", "320115001", "szrx", 2, 2)]


def test_nothing_new_is_nothing_to_do(home: Home) -> None:
    deliver(home, REGISTER, [registered("E1", "南京鑫盛机械有限公司", ROAD)])
    deliver(home, TIPS, [tip("鑫盛机械", ROAD)])
    assert link(home, FEEDS).is_new
    before = files(home)
    assert not link(home, FEEDS).is_new
    assert files(home) == before


REGISTER_ROWS = [
    registered("E1", "南京鑫盛机械有限公司", ROAD, uscc=CODE),
    registered("E2", "江宁区张三小吃店", ROAD),
    registered("E3", "江宁区张三小吃店", "江宁区胜太路5号"),
]
TIP_ROWS = [
    tip("鑫盛机械有限公司", ROAD),
    tip("江宁区张三小吃店", None, number="2"),
    tip("李嫂麻辣烫", "胜太路5号", number="3"),
    tip("李嫂麻辣燙", "江宁区胜太路5号", number="4"),
    tip("鑫盛機械", ROAD, number="5"),
]


def test_files_in_any_order_and_in_any_number_of_runs_give_the_same_bytes(tmp_path: Path) -> None:
    together, daily, backwards = (Home(tmp_path / n) for n in ("together", "daily", "backwards"))
    deliver(together, REGISTER, REGISTER_ROWS, mark="r")
    for at, row in enumerate(TIP_ROWS):
        deliver(together, TIPS, [row], mark=f"t{at}")
    link(together, FEEDS)

    deliver(daily, REGISTER, REGISTER_ROWS[:1], mark="r0")
    for at, row in enumerate(TIP_ROWS):
        deliver(daily, TIPS, [row], mark=f"t{at}")
        if at == 2:  # the register brings the others after they were written of
            deliver(daily, REGISTER, REGISTER_ROWS[1:], mark="r1")
        link(daily, FEEDS)

    for at, row in reversed(list(enumerate(TIP_ROWS))):
        deliver(backwards, TIPS, [row], mark=f"t{at}")
        link(backwards, FEEDS)
    deliver(backwards, REGISTER, REGISTER_ROWS[::-1], mark="r")
    link(backwards, FEEDS)
    assert files(together) == files(daily) == files(backwards)


def test_a_batch_that_goes_away_takes_its_mentions_with_it(home: Home) -> None:
    deliver(home, REGISTER, REGISTER_ROWS)
    deliver(home, TIPS, TIP_ROWS[:1])
    deliver(home, TIPS, TIP_ROWS[2:3])
    link(home, FEEDS)
    with Ledger(home.ledger) as ledger:
        ledger._connection.execute("delete from batch where feed = 'szrx.safety_tip' and batch_seq = 1")
    link(home, FEEDS)
    assert set(links(home)) == {"李嫂麻辣烫"}


def test_what_a_steward_decides_is_replayed_also_after_a_new_register(home: Home) -> None:
    deliver(home, REGISTER, REGISTER_ROWS)
    deliver(home, TIPS, TIP_ROWS)
    link(home, FEEDS)
    best, rival = queue(home)[:2]
    triple = lambda c: (c["candidate_id"], c["mention_key"], c["entity_id"])  # noqa: E731
    with Decisions(home.ledger) as decisions:
        decisions.decide("accept", triple(best), "李娜", "电话核实", (triple(rival),))
    link(home, FEEDS)
    decided = (best["entity_id"], "linked", "decision")
    assert links(home)["江宁区张三小吃店"] == decided
    assert {c["entity_id"] for c in queue(home, "rejected")} == {rival["entity_id"]}
    deliver(home, REGISTER, [registered("E4", "江宁区张三小吃店", "江宁区百家湖9号")])
    deliver(home, TIPS, [tip("江寧区　张三小吃店", None, number="9")])
    link(home, FEEDS)
    found = links(home)
    assert found["江宁区张三小吃店"] == found["江寧区　张三小吃店"] == decided
    before = files(home)
    (home.lake / "entities" / "state" / "stamp.json").unlink()  # all anew from lake and decisions
    link(home, FEEDS)
    assert files(home) == before
    with Decisions(home.ledger) as decisions:
        decisions.undo(best["candidate_id"], "王强", "核实有误")
        assert decisions.standing() == []
        assert [e.action for e in decisions.events()] == ["accept", "reject", "undo", "undo"]
    link(home, FEEDS)
    assert links(home)["江宁区张三小吃店"] == (None, "queued", None)


def test_a_decision_has_a_name_and_is_not_made_twice(home: Home) -> None:
    one, rival = ("C1", "m", "E1"), ("C2", "m", "E2")
    with Decisions(home.ledger) as decisions:
        with pytest.raises(DecisionRefused, match="--by"):
            decisions.decide("accept", one, "  ")
        decisions.decide("accept", one, "李娜", "", (rival,))
        with pytest.raises(DecisionRefused, match=r"李娜.*undo C1"):
            decisions.decide("reject", one, "王强")
        with pytest.raises(DecisionRefused, match="undo C2"):
            decisions.decide("accept", rival, "王强", "", (one,))
        with pytest.raises(DecisionRefused, match="C9"):
            decisions.undo("C9", "王强")
        decisions.undo("C1", "王强")
        decisions.decide("accept", rival, "王强", "", (one,))
        assert [(e.candidate_id, e.action) for e in decisions.standing()] == [("C2", "accept"), ("C1", "reject")]


def test_with_no_feed_at_all_the_files_are_there_and_empty(home: Home) -> None:
    made = link(home, FEEDS)
    assert (made.mentions, made.places) == (0, 0)
    assert set(files(home)) == {f"entity_{n}.parquet" for n in ("link", "candidate", "place", "mention")}
