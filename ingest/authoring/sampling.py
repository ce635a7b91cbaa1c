"""A file that no contract knows yet, read by the same readers as any other, and what its columns hold, counted."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb

from ingest.authoring.profiling import ColumnFacts, key_candidates, kind_of, names_a_key
from ingest.base.reasons import RefusedFile
from ingest.base.sql import memory_connection
from ingest.feeds.codes import code_spellings
from ingest.feeds.headers import HeaderMatch
from ingest.feeds.loading import code_list_paths
from ingest.feeds.model import Column, Feed
from ingest.feeds.shape import undescribed
from ingest.judging import text_table
from ingest.judging.judge import judge, prepare_connection
from ingest.readers import opening
from ingest.readers.excel import ExcelReader
from ingest.readers.table import TextPart, TextTable

PROFILED_ROWS = 20_000  # types show in far fewer
KEY_ROWS = 200_000
DISTINCT_VALUES = 5_000
SHOWN_VALUES = 40
_KEY_WIDTH = 8  # candidates that are tried in pairs
_TRIALS = ("date", "number", "boolean", "gb32100", "gb11643")
_SERIAL = "[2-7][0-9]{4}([.][0-9]+)?"
_MOBILE = re.compile(r"(\+?86[- ]?)?1[3-9][0-9]{9}|1[3-9][0-9][*x×]{4}[0-9]{4}")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PERSON_NAME = re.compile(
    f"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][*＊○某]{{1,2}}|欧阳.{{1,2}}|司马.{{1,2}}|上官.{{1,2}}"
)
_NO_NAMES = re.compile(r"[区县市镇街路村]$|[厂店局所院站部队]$")


@dataclass(frozen=True)
class Sample:
    """What a sample holds.

    Args:
        headers: as sent.
        facts: one a column.
        key: positions of the columns that tell the records apart; all of them where nothing less does.
        records: in it.
        repeats: records that repeat an earlier one in every cell.
        flaws: records that cannot be laid out in columns.
        other_parts: sheets with other headers, which are not in the facts → their records.
    """

    headers: tuple[str, ...]
    facts: tuple[ColumnFacts, ...]
    key: tuple[int, ...]
    records: int
    repeats: int
    flaws: int
    other_parts: dict[str, int]


def read_sample(path: Path, scratch_parent: Path | None = None) -> Sample:
    """Read a file without a contract and count what its columns hold.

    Args:
        path: a file of any form that the readers know.
        scratch_parent: where the text may lie while it is read; the system's temporary folder by default.

    Raises:
        RefusedFile: what the reader says of it; HEADER_MISSING when nothing in it looks like a table.
    """
    with (
        tempfile.TemporaryDirectory(prefix="jgt-sample-", dir=scratch_parent) as folder,
        ExcelReader() as excel,
        memory_connection("1GB", folder) as connection,
    ):
        for carefully in (False, True):
            scratch = Path(folder) / f"carefully-{carefully}"
            scratch.mkdir()
            table = opening.read(path, undescribed(), scratch, excel, carefully)
            parts = _largest_layout(table)
            if not any(part.rows for part in parts):
                raise RefusedFile("HEADER_MISSING", "样本里没有看得出表头和记录的表格")
            try:
                for place, part in enumerate(parts):
                    text_table.load(connection, part, "raw_0", (0, place))
                break
            except text_table.CountMismatch as mismatch:
                connection.execute("drop table if exists raw_0")
                if carefully:
                    raise RefusedFile("FILE_UNREADABLE", f"逐行清点与解析的结果不一致（{mismatch}）") from mismatch
        connection.execute("delete from raw_0 where _is_furniture")
        chosen = {id(part) for part in parts}
        others = {part.sheet or "?": part.rows for part in table.parts if id(part) not in chosen and part.rows}
        return _measure(connection, parts[0].headers, len(table.flaws), others | dict(table.skipped_sheets))


def _largest_layout(table: TextTable) -> list[TextPart]:
    """The parts with the headers that most records come under."""
    rows: Counter[tuple[str, ...]] = Counter()
    for part in table.parts:
        rows[part.headers] += part.rows
    headers = max(rows, key=lambda h: rows[h], default=None)
    return [part for part in table.parts if part.headers == headers]


def _measure(
    connection: duckdb.DuckDBPyConnection, headers: tuple[str, ...], flaws: int, others: dict[str, int]
) -> Sample:
    width = len(headers)
    cells = ", ".join(f"c{i}" for i in range(width))
    connection.execute(
        f"create temp table whole as select distinct {cells} from (select {cells} from raw_0 limit {KEY_ROWS})"
    )
    records = _count(connection, "raw_0")
    sampled = min(records, KEY_ROWS)
    trials = _try_types(connection, width)
    facts = tuple(_facts(connection, headers, i, trials[i]) for i in range(width))
    key = tuple(sorted(find_key(connection, facts)))
    return Sample(headers, facts, key, records, sampled - _count(connection, "whole"), flaws, others)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def _try_types(connection: duckdb.DuckDBPyConnection, width: int) -> list[dict[str, tuple[int, ...]]]:
    """Every column judged as each type by the judge itself: position → trial → counts of what it would take."""
    columns, positions = [], {}
    for i in range(width):
        for trial in _TRIALS:
            rules = (trial,) if trial.startswith("gb") else ()
            kind = {"date": "timestamp", "number": "number", "boolean": "boolean"}.get(trial, "string")
            stored = {"date": "TIMESTAMP", "number": "DECIMAL(28,6)", "boolean": "BOOLEAN"}.get(trial, "VARCHAR")
            name = f"{trial}_{i}"
            columns.append(Column(name, name, kind, stored, rules=rules))
            positions[name] = i
    trial_feed = Feed(**{**undescribed().__dict__, "columns": tuple(columns)})
    prepare_connection(connection, [trial_feed])
    found: list[dict[str, tuple[int, ...]]] = []
    source = f"(select * from raw_0 limit {PROFILED_ROWS})"
    for i in range(width):  # a column at a time: a query of a hundred typed columns takes longer to plan than to run
        mine = tuple(c for c in columns if positions[c.name] == i)
        feed = Feed(**{**trial_feed.__dict__, "columns": mine})
        match = HeaderMatch({c.name: i for c in mine}, (), (), (), {})
        judge(connection, feed, match, source, "trial")
        d, n, b, u, p = (f'"v_{c.name}"' for c in mine)
        failed = [f'"f_{c.name}"' for c in mine[3:]]
        row = connection.execute(
            f"select count({d}), count(*) filter ({d} <> date_trunc('day', {d})), coalesce(min(year({d})), 0), "
            f"coalesce(max(year({d})), 0), count({n}), count(*) filter ({n} % 1 = 0), count(*) filter ({n} < 0), "
            f"count({b}), count({u}) - count({failed[0]}), count({p}) - count({failed[1]}) from trial"
        ).fetchall()[0]
        found.append(
            {"date": row[0:4], "number": row[4:7], "boolean": row[7:8], "gb32100": row[8:9], "gb11643": row[9:10]}
        )
    return found


def _facts(
    connection: duckdb.DuckDBPyConnection, headers: Sequence[str], i: int, trial: dict[str, tuple[int, ...]]
) -> ColumnFacts:
    source = f"(select nullif(trim(c{i}), '') as t from (select c{i} from raw_0 limit {PROFILED_ROWS}))"
    rows, filled, distinct, shortest, longest, usual, digits, zeros, floats, clocks, serials, places = (
        connection.execute(
            "select count(*), count(t), count(distinct t), coalesce(min(length(t)), 0), coalesce(max(length(t)), 0), "
            "coalesce(mode(length(t)), 0), count(*) filter (regexp_full_match(t, '[0-9]+')), "
            "count(*) filter (regexp_full_match(t, '0[0-9]+')), count(*) filter (regexp_full_match(t, '[0-9]+[.]0')), "
            f"count(*) filter (contains(t, ':') or contains(t, '时')), count(*) filter (regexp_full_match(t, '{_SERIAL}')), "
            "coalesce(max(length(rtrim(regexp_extract(t, '^-?[0-9,]+[.]([0-9]+)$', 1), '0'))), 0) "
            f"from {source}"
        ).fetchall()[0]
    )
    values = [
        (str(text), int(count))
        for text, count in connection.execute(
            f"select t, count(*) from {source} where t is not null group by t order by 2 desc, 1 limit {DISTINCT_VALUES}"
        ).fetchall()
    ]
    dates, numbers = trial["date"], trial["number"]
    return ColumnFacts(
        header=headers[i],
        position=i,
        rows=rows,
        filled=filled,
        distinct=distinct,
        shortest=shortest,
        longest=longest,
        usual_length=usual,
        digits=digits,
        leading_zeros=zeros,
        float_codes=floats,
        decimals=places,
        clocks=clocks,
        timed=dates[1],
        serials=serials,
        dates=dates[0],
        first_year=dates[2],
        last_year=dates[3],
        numbers=numbers[0],
        integers=numbers[1],
        negatives=numbers[2],
        booleans=trial["boolean"][0],
        uscc=trial["gb32100"][0],
        id_numbers=trial["gb11643"][0],
        mobiles=_weighed(values, filled, lambda t: bool(_MOBILE.fullmatch(t))),
        person_names=_weighed(values, filled, lambda t: bool(_PERSON_NAME.fullmatch(t) and not _NO_NAMES.search(t))),
        values=tuple(values) if distinct <= SHOWN_VALUES else (),
        lists=_lists(values, filled),
    )


def _weighed(values: Sequence[tuple[str, int]], filled: int, holds: Callable[[str], bool]) -> int:
    """Records for whose value something holds, reckoned from the values that were fetched."""
    seen = sum(count for _, count in values)
    hits = sum(count for text, count in values if holds(text))
    return round(hits * filled / seen) if seen else 0


def _lists(values: Sequence[tuple[str, int]], filled: int) -> dict[str, int]:
    """Code lists that know the values. Two digits are a code in any list, so short numbers tell nothing."""
    telling = [(text, count) for text, count in values if not (text.isdigit() and len(text) < 6)]
    found = {}
    for name in code_list_paths():
        spellings = code_spellings(name)
        hits = sum(count for text, count in telling if text in spellings)
        if hits and hits * 2 >= filled:
            found[name] = hits
    return found


def find_key(connection: duckdb.DuckDBPyConnection, facts: Sequence[ColumnFacts]) -> list[int]:
    """The fewest, likeliest columns that tell all different records of `whole` apart."""
    total = _count(connection, "whole")
    order = key_candidates(facts)
    by_place = {f.position: f for f in facts}
    whole = [p for p in order if by_place[p].filled == by_place[p].rows]
    if not whole:
        return order or [f.position for f in facts]
    counts = _distinct(connection, [(p,) for p in whole])
    named = [p for p in whole if names_a_key(by_place[p])]
    for p in named:
        if counts[p,] == total:
            return [p]
    partners = sorted(
        whole, key=lambda p: (kind_of(by_place[p]) not in ("date", "timestamp", "integer"), whole.index(p))
    )
    pairs = [(p, q) for p in named[:3] for q in partners if q != p]
    if found := _first_unique(connection, pairs, total):
        return list(found)
    texts = [p for p in whole if kind_of(by_place[p]) == "string"]
    if found := _first_unique(connection, [(p,) for p in (*texts, *whole)], total):
        return list(found)
    if found := _first_unique(connection, list(combinations(whole[:_KEY_WIDTH], 2)), total):
        return list(found)
    return _grown(connection, [*whole, *(p for p in order if p not in whole)], total)


def _first_unique(
    connection: duckdb.DuckDBPyConnection, sets: Sequence[tuple[int, ...]], total: int
) -> tuple[int, ...] | None:
    if not sets:
        return None
    counts = _distinct(connection, sets)
    return next((s for s in sets if counts[s] == total), None)


def _distinct(connection: duckdb.DuckDBPyConnection, sets: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], int]:
    wanted = list(dict.fromkeys(sets))
    listed = ", ".join(
        "count(distinct " + (f"c{s[0]}" if len(s) == 1 else "(" + ", ".join(f"c{p}" for p in s) + ")") + ")"
        for s in wanted
    )
    return dict(zip(wanted, connection.execute(f"select {listed} from whole").fetchall()[0], strict=True))


def _grown(connection: duckdb.DuckDBPyConnection, order: Sequence[int], total: int) -> list[int]:
    """Add the column that separates most records, one at a time, until all are separated."""
    key: list[int] = []
    while len(key) < len(order):
        counts = _distinct(connection, [(*key, p) for p in order if p not in key])
        best = max(counts, key=lambda s: counts[s])
        key = list(best)
        if counts[best] >= total:
            break
    return key
