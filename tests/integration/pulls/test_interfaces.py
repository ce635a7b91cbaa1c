"""A feed pulled from an interface that misbehaves: what is whole lands, what is not leaves nothing and is tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.base.home import Home
from ingest.pulls import rest_call
from ingest.pulls.pull import pull_window
from tests.support.exchange_platform import CLIENT_SECRET, TOKEN, Answer, Call, Platform, check, exchange_platform
from tests.support.pulled_feed import NOW, Desk, properties, pulled_feed

NUMBERED = {"style": "number", "parameter": "pageNum", "first": 1, "sizeParameter": "pageSize", "size": 10}


@pytest.fixture
def platform() -> Iterator[Platform]:
    with exchange_platform() as running:
        yield running


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which are noted and not slept."""
    noted: list[float] = []
    monkeypatch.setattr(rest_call, "pause", noted.append)
    return noted


@pytest.fixture
def desk_for(tmp_path: Path, platform: Platform, pauses: list[float]) -> Callable[..., Desk]:
    def desk(**more: Any) -> Desk:
        custom = {"records": "data.list", "total": "data.total", "pages": NUMBERED, "timeout": 1, **more}
        server = {"server": "platform", "type": "api", "location": platform.url}
        kept = {name: value for name, value in custom.items() if value is not None}
        return Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, {**server, "customProperties": properties(**kept)}))

    return desk


def numbers(count: int) -> list[dict[str, Any]]:
    return [check(i) for i in range(1, count + 1)]


def ids(count: int) -> list[str]:
    return sorted(str(i) for i in range(1, count + 1))


def test_pages_by_number_come_whole(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = numbers(25)
    desk = desk_for()
    result = desk.pull()
    assert (result.outcome, result.rows) == ("landed", 25), result.message
    assert [c.parameters["pageNum"] for c in platform.calls] == ["1", "2", "3"]
    desk.take_in()
    assert desk.rows() == ids(25)


def test_pages_in_a_body_are_asked_for_by_post(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = numbers(25)
    assert desk_for(method="POST", parameters={"kind": "check"}).pull().rows == 25
    assert platform.calls[-1].parameters == {"kind": "check", "pageNum": 3, "pageSize": 10}


def test_without_a_total_the_first_empty_page_ends_it(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows, platform.total = numbers(20), False
    assert desk_for(total=None).pull().rows == 20
    assert len(platform.calls) == 3


def test_offsets_go_on_by_the_rows_that_came(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    """A server that hands out at most 4 when asked for 10."""

    def capped(running: Platform, call: Call) -> Answer:
        begin = int(call.parameters["offset"])
        return running.answer_with(running.rows[begin : begin + 4])

    platform.rows, platform.page = numbers(11), capped
    desk = desk_for(pages={"style": "offset", "size": 10})
    assert desk.pull().rows == 11
    desk.take_in()
    assert desk.rows() == ids(11)


def test_a_cursor_and_links_are_followed(platform: Platform, desk_for: Callable[..., Desk], tmp_path: Path) -> None:
    def next_page(running: Platform, call: Call) -> Answer:
        begin = int(call.parameters.get("after") or 0)
        end = begin + 4
        more = str(end) if end < len(running.rows) else None
        link = f"{running.url}?after={end}" if more else None
        return Answer({"data": {"list": running.rows[begin:end], "next": more, "link": link}})

    platform.rows, platform.page = numbers(10), next_page
    by_cursor = desk_for(total=None, pages={"style": "cursor", "parameter": "after", "next": "data.next"})
    assert by_cursor.pull().rows == 10
    by_cursor.take_in()
    by_link = desk_for(total=None, pages={"style": "link", "next": "data.link"})
    assert by_link.at(NOW + timedelta(days=1)).pull().rows == 10


def test_a_link_to_another_host_is_not_followed(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.page = lambda *_: Answer({"data": {"list": numbers(2), "link": "http://localhost:9/elsewhere"}})
    result = desk_for(total=None, pages={"style": "link", "next": "data.link"}).pull()
    assert result.outcome == "failed"
    assert "合同里没有这个地址" in str(result.message)


def test_a_redirect_to_another_host_is_not_followed(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.odd = {1: lambda _: Answer({}, status=302, headers={"Location": "http://localhost:9/elsewhere"})}
    result = desk_for().pull()
    assert "合同里没有这个地址" in str(result.message)


def test_a_redirect_on_the_same_host_is(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = numbers(3)
    platform.odd = {1: lambda _: Answer({}, status=307, headers={"Location": "/api/checks?pageNum=1&pageSize=10"})}
    assert desk_for().pull().rows == 3


def test_busy_broken_and_silent_answers_are_tried_again(
    platform: Platform, desk_for: Callable[..., Desk], pauses: list[float]
) -> None:
    platform.rows = numbers(25)
    platform.odd = {
        1: lambda _: Answer({}, status=429, headers={"Retry-After": "7"}),
        2: lambda _: Answer({}, status=500),
        4: lambda c: Answer(platform.numbered_page(c).body, cut=True),
        5: lambda _: Answer(raw=b'{"code": 200, "data": {"list": [{"check_id'),
        6: lambda _: Answer(silent=True),
        8: lambda _: Answer(raw=b"<html>maintenance</html>"),
    }
    desk = desk_for()
    result = desk.pull()
    assert (result.outcome, result.rows) == ("landed", 25), result.message
    assert pauses[0] == 7
    assert len(pauses) == 6
    desk.take_in()
    assert desk.rows() == ids(25)


def test_pauses_grow_and_are_not_all_alike(
    platform: Platform, desk_for: Callable[..., Desk], pauses: list[float]
) -> None:
    platform.page = lambda *_: Answer({}, status=503)
    result = desk_for(attempts=5).pull()
    assert "试了 5 次" in str(result.message)
    assert len(pauses) == 4
    assert all(0.5 * 2**n <= pause <= 1.5 * 2**n for n, pause in enumerate(pauses))
    assert desk_for().landed() == []


def test_a_server_that_asks_for_an_hour_is_left_to_the_next_run(
    platform: Platform, desk_for: Callable[..., Desk], pauses: list[float]
) -> None:
    platform.page = lambda *_: Answer({}, status=429, headers={"Retry-After": "3600"})
    assert "3600 秒后再来" in str(desk_for().pull().message)
    assert pauses == []


def test_a_page_that_comes_twice_is_told_and_its_rows_are_counted_once(
    platform: Platform, desk_for: Callable[..., Desk]
) -> None:
    platform.rows = numbers(25)
    # the second page again in place of the third, which then comes as the fourth
    served = [platform.rows[:10], platform.rows[10:20], platform.rows[10:20], platform.rows[20:]]
    platform.page = lambda running, call: running.answer_with(served[int(call.parameters["pageNum"]) - 1])
    desk = desk_for()
    result = desk.pull()
    assert result.outcome == "landed"
    assert "1 页与前面的页相同" in str(result.message)
    [batch] = desk.take_in()
    assert (batch.received, batch.loaded, batch.duplicate) == (35, 25, 10)
    assert desk.rows() == ids(25)


def test_a_page_that_vanishes_makes_the_pull_incomplete_and_the_next_one_brings_all(
    platform: Platform, desk_for: Callable[..., Desk]
) -> None:
    platform.rows = numbers(25)
    whole = platform.rows
    platform.odd = {2: lambda _: platform.answer_with([], total=25)}
    desk = desk_for()
    result = desk.pull()
    assert result.outcome == "failed"
    assert "不完整" in str(result.message)
    assert "25" in str(result.message)
    assert desk.landed() == []
    assert desk.take_in() == []
    platform.rows = whole
    assert desk.at(NOW + timedelta(minutes=5)).pull().rows == 25
    desk.take_in()
    assert desk.rows() == ids(25)


def test_a_page_in_the_place_of_another_is_no_whole_pull(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = numbers(30)
    served = [platform.rows[:10], platform.rows[:10], platform.rows[20:]]
    platform.page = lambda running, call: running.answer_with((served + [[]] * 5)[int(call.parameters["pageNum"]) - 1])
    desk = desk_for()
    assert "20 条不同的记录" in str(desk.pull().message)
    assert desk.landed() == []


def test_a_row_that_is_deleted_while_we_turn_pages_makes_it_incomplete(
    platform: Platform, desk_for: Callable[..., Desk]
) -> None:
    platform.rows = numbers(25)

    def shrinking(running: Platform, call: Call) -> Answer:
        answer = running.numbered_page(call)
        if call.parameters["pageNum"] == "1":
            running.rows = running.rows[1:]
        return answer

    platform.page = shrinking
    assert "总数由 25 变为 24" in str(desk_for().pull().message)


def test_a_row_that_is_added_while_we_turn_pages_loses_none(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = numbers(25)

    def growing(running: Platform, call: Call) -> Answer:
        answer = running.numbered_page(call)
        if call.parameters["pageNum"] == "1":
            running.rows = [check(99), *running.rows]
        return answer

    platform.page = growing
    desk = desk_for()
    assert desk.pull().outcome == "landed"
    desk.take_in()
    assert set(ids(25)) <= set(desk.rows())


def test_a_page_number_that_is_not_heeded_does_not_run_for_ever(
    platform: Platform, desk_for: Callable[..., Desk]
) -> None:
    platform.total = False
    platform.page = lambda running, _: running.answer_with(numbers(10))
    result = desk_for(total=None).pull()
    assert "翻页参数没有起作用" in str(result.message)
    assert len(platform.calls) == 3


def test_a_token_that_expires_in_the_middle_is_fetched_anew(
    platform: Platform, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JGT_SECRET_YJGL_PLATFORM_CLIENT_ID", "jgt")
    monkeypatch.setenv("JGT_SECRET_YJGL_PLATFORM_CLIENT_SECRET", CLIENT_SECRET)
    platform.rows = numbers(25)

    def expire(_: Call) -> Answer:
        platform.good_tokens = {"none of those given"}
        return Answer({"code": 401, "msg": "token expired"})

    platform.odd = {2: expire}
    desk = desk_for(
        token={"in": "bearer", "url": f"http://127.0.0.1:{platform.port}/oauth/token"},
        success={"path": "code", "values": [200], "expired": [401]},
    )
    result = desk.pull()
    assert (result.outcome, result.rows) == ("landed", 25), result.message
    assert len(platform.tokens) == 2
    assert platform.tokens[0].parameters["client_secret"] == CLIENT_SECRET


def test_a_token_that_is_not_accepted_is_said_with_the_name_of_its_variable(
    platform: Platform, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JGT_SECRET_YJGL_PLATFORM_TOKEN", TOKEN)
    platform.page = lambda *_: Answer({"msg": f"bad token {TOKEN}"}, status=401)
    result = desk_for(token={"in": "query", "name": "appToken"}).pull()
    assert "JGT_SECRET_YJGL_PLATFORM_TOKEN" in str(result.message)
    assert TOKEN not in str(result.message)
    assert platform.calls[0].parameters["appToken"] == TOKEN


def test_an_error_in_a_good_envelope_is_no_empty_page(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.page = lambda *_: Answer({"code": 500, "msg": "系统繁忙", "data": None})
    assert "code=500" in str(desk_for(success={"path": "code", "values": [200]}).pull().message)
    other = desk_for(total=None).at(NOW + timedelta(minutes=1))
    assert "没有 data.list" in str(other.pull().message)
    assert other.landed() == []


def test_numbers_stay_as_they_are_spelled_and_nothing_is_null(
    platform: Platform, desk_for: Callable[..., Desk]
) -> None:
    record = b'{"check_id": 320102000000000001, "enterprise_name": "\\u7532", "fine": 0.10, "passed": true, "updated_at": null}'
    platform.page = lambda *_: Answer(raw=b'{"data": {"total": 1, "list": [' + record + b"]}}")
    desk = desk_for()
    assert desk.pull().outcome == "landed"
    desk.take_in()
    assert desk.rows("check_id, enterprise_name, fine::varchar, passed, updated_at") == [
        ("320102000000000001", "甲", "0.10", True, None)
    ]


def test_a_field_that_first_shows_on_a_later_page_is_kept(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = [*numbers(10), check(11, jcrq="2026-11-05"), check(12)]
    desk = desk_for()
    assert desk.pull().rows == 12
    desk.take_in()
    assert [row for row in desk.rows("check_id, checked_on") if row[1]] == [("11", datetime(2026, 11, 5).date())]


def test_a_value_that_turned_into_an_object_stops_the_feed(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = [*numbers(2), check(3, enterprise_name={"name": "甲"})]
    assert "第 1 页第 3 条的 enterprise_name" in str(desk_for().pull().message)


def test_windows_are_asked_for_with_their_overlap(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    platform.rows = numbers(3)
    window = {"from": "startTime", "to": "endTime", "overlap": "1 d", "start": "2020-01-01", "format": "%Y-%m-%d %H:%M"}
    desk = desk_for(window=window)
    desk.pull()
    desk.take_in()
    desk.at(NOW + timedelta(days=1)).pull()
    asked = [(c.parameters["startTime"], c.parameters["endTime"]) for c in platform.calls]
    assert asked == [("2020-01-01 00:00", "2026-11-22 05:30"), ("2026-11-21 05:30", "2026-11-23 05:30")]
    desk.at(NOW + timedelta(days=1)).take_in()
    pull_window(
        desk.home, desk.feed, datetime(2026, 3, 1).date(), datetime(2026, 3, 31).date(), now=NOW + timedelta(days=2)
    )
    last = platform.calls[-1].parameters
    assert (last["startTime"], last["endTime"]) == ("2026-03-01 00:00", "2026-04-01 00:00")


def test_nothing_new_is_a_report_of_nothing(platform: Platform, desk_for: Callable[..., Desk]) -> None:
    desk = desk_for()
    assert desk.pull().rows == 0
    [batch] = desk.take_in()
    assert (batch.status, batch.received) == ("loaded", 0)


def test_calls_keep_to_the_rate(
    platform: Platform, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.pulls import pacing

    slept: list[float] = []
    monkeypatch.setattr(pacing.time, "sleep", slept.append)
    monkeypatch.setattr(pacing.time, "time", lambda: 1_000_000.0)
    platform.rows = numbers(25)
    desk_for(rate=2).pull()
    assert slept == pytest.approx([0, 0.5, 1.0])


def test_dlt_writes_nothing_and_asks_nobody(
    platform: Platform, desk_for: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    platform.rows = numbers(3)
    assert desk_for().pull().outcome == "landed"
    assert list(home.iterdir()) == []
