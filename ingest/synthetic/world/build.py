"""The demo city as DuckDB tables: entities, and for each feed every version of every row a department would know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.feeds.loading import load_code_list
from ingest.synthetic import vocabulary, volumes

SCRIPTS = Path(__file__).parent


def first_day(as_of: date) -> date:
    """First day of the history: the first of the month 36 months before the month of `as_of`."""
    months = as_of.year * 12 + as_of.month - 1 - volumes.HISTORY_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def build(connection: duckdb.DuckDBPyConnection, scale: float, seed: int, as_of: date) -> None:
    """Make every table of the world: `entity` and one `v_<department>__<feed>` a feed, in the contract's columns.

    Values are as stored (元, stored codes, real dates); nothing is yet spelled as a department would send it.
    """
    _declare(connection, scale, seed, as_of)
    for script in sorted(SCRIPTS.glob("*.sql")):
        connection.execute(script.read_text("utf-8"))


def _declare(connection: duckdb.DuckDBPyConnection, scale: float, seed: int, as_of: date) -> None:
    sizes = volumes.Volumes.at(scale)
    variables: dict[str, Any] = {
        **vars(sizes),
        **{f"rows_{feed.replace('.', '__')}": rows for feed, rows in volumes.rows_at(scale).items()},
        "seed": seed,
        "as_of": as_of,
        "history_start": first_day(as_of),
        "surnames": vocabulary.SURNAMES,
        "given": vocabulary.GIVEN,
        "brand_first": vocabulary.BRAND_FIRST,
        "brand_second": vocabulary.BRAND_SECOND,
        "insurers": list(vocabulary.INSURERS),
        "providers": list(vocabulary.PROVIDERS),
        "legal_bases": list(vocabulary.LEGAL_BASES),
        "occupations": list(vocabulary.OCCUPATIONS),
        "scope_prefixes": list(volumes.SCOPE_PREFIXES),
        "scope_key_types": list(volumes.SCOPE_KEY_TYPES),
        "renamed_share": volumes.RENAMED_SHARE,
        "moved_share": volumes.MOVED_SHARE,
        "district_codes": [code for code, *_ in volumes.DISTRICTS],
        "accident_types": [row["code"] for row in load_code_list("accident_type")],
    }
    for name, value in variables.items():
        cast = "::bigint" if isinstance(value, int) else ""
        connection.execute(f"set variable {name} = ?{cast}", [value])
    _table(connection, "spring_festival", "first_day date", [(d,) for d in volumes.SPRING_FESTIVALS])
    _table(
        connection,
        "industry",
        "code varchar, trade varchar, enterprise_weight int, trader_weight int, place_weight int, "
        "core double, suburb double, outer_ double, attention double",
        vocabulary.INDUSTRIES,
    )
    _table(
        connection,
        "street",
        "code varchar, name varchar, district_code varchar, functional_zone_code varchar",
        [tuple(r.values()) for r in load_code_list("street")],
    )
    words = "struct(category varchar, description varchar)[]"
    _table(
        connection,
        "hazard_words",
        f"business varchar, general {words}, major {words}",
        [
            (
                business,
                *(
                    [{"category": c, "description": d} for where, c, d in source if where in ("any", *wheres)]
                    for source in (vocabulary.HAZARDS, vocabulary.MAJOR_HAZARDS)
                ),
            )
            for business, wheres in vocabulary.BUSINESS.items()
        ],
    )
    names = {r["code"]: (r["name"], r["short_name"]) for r in load_code_list("district")}
    total = sum(share for _, share, _, _ in volumes.DISTRICTS)
    rows, passed = [], 0
    for code, share, character, never in volumes.DISTRICTS:
        rows.append(
            (
                code,
                *names[code],
                passed / total,
                (passed + share) / total,
                character,
                never,
                list(vocabulary.ROADS[code]),
            )
        )
        passed += share
    _table(
        connection,
        "district_share",
        "district_code varchar, district_name varchar, short_name varchar, share_from double, share_to double, "
        "character varchar, never_insured_percent int, roads varchar[]",
        rows,
    )
    _table(
        connection,
        "economy",
        "district_code varchar, gdp double, employed double, vehicles double",
        [(code, *values) for code, values in volumes.ECONOMY.items()],
    )


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    connection.execute(f"create table {name} ({columns})")
    marks = ", ".join("?" for _ in rows[0])
    connection.execute("begin")
    connection.executemany(f"insert into {name} values ({marks})", [list(r) for r in rows])
    connection.execute("commit")
