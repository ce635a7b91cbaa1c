"""What dbt and stewards read: links, the queue, places, and which department says what, as Parquet with the same bytes
for the same lake and decisions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingest.base.home import Home
from ingest.base.sql import literal
from ingest.matching import places, rules, tables
from ingest.matching.choosing import Candidate, Choice, Codes, Decision, choose
from ingest.matching.decisions import Event
from ingest.matching.tables import FILES, ORDER
from ingest.storage import lake

_BATCH = 20_000


def write(connection: duckdb.DuckDBPyConnection, home: Home, decided: list[Event]) -> dict[str, int]:
    """Choose for every group of mentions, and write the four files.

    Args:
        connection: holds what `linking` made: mention, feed_mention, by_uscc, grouped, pair, entity.
        home: state folder.
        decided: the stewards' decisions in force.

    Returns:
        mentions, linked, queued, unlinked, places.
    """
    _make_tables(connection, decided)
    for rows in _choices(connection):
        _insert(connection, "verdict", [r for choice in rows for r in choice[0]])
        _insert(connection, "candidate", [r for choice in rows for r in choice[1]])
    places.make(connection)
    queries = {
        "entity_link": _links(),
        "entity_candidate": _candidates(),
        "entity_place": "select * from place",
        "entity_mention": "select * from feed_mention",
    }
    for name, query in queries.items():
        listed = ", ".join(f"cast({c} as {kind}) as {c}" for c, (kind, _) in FILES[name].items())
        path = tables.folder(home) / f"{name}.parquet"
        lake.write(connection, f"select {listed} from ({query}) order by {ORDER[name]}", path)
    link_file = literal(tables.folder(home) / "entity_link.parquet")
    row = connection.execute(f"""
        select
            count(*), count(*) filter (where outcome = 'linked'), count(*) filter (where outcome = 'queued'),
            count(*) filter (where outcome = 'unlinked'), count(distinct entity_id) filter (where method = 'place')
        from {link_file}
    """).fetchone()
    assert row is not None  # an aggregate gives one row
    return dict(zip(("mentions", "linked", "queued", "unlinked", "places"), row, strict=True))


_VERDICT: Final = {
    "group_key": pa.string(),
    "outcome": pa.string(),
    "entity_id": pa.string(),
    "method": pa.string(),
    "score": pa.float64(),
    "evidence": pa.string(),
    "reason": pa.string(),
    "decided_by": pa.string(),
}
_CANDIDATE: Final = {"group_key": pa.string(), "entity_id": pa.string(), "state": pa.string(), "reason": pa.string()}


def _make_tables(connection: duckdb.DuckDBPyConnection, decided: list[Event]) -> None:
    connection.execute(
        "create table decision (mention_key varchar, entity_id varchar, verdict varchar, decided_by varchar, "
        "decided_at timestamp, decision_reason varchar, event_id bigint)"
    )
    if decided:
        rows = [(e.mention_key, e.entity_id, e.action, e.by, e.at, e.reason, e.event_id) for e in decided]
        connection.executemany("insert into decision values (?, ?, ?, ?, ?, ?, ?)", rows)
    # two spellings of one group may have been decided apart: the later word stands
    connection.execute("""
        create table group_decision as
        select * from (
            select
                g.group_key, d.* exclude (mention_key),
                row_number() over (partition by g.group_key, d.entity_id order by d.event_id desc) as preference
            from decision as d join grouped as g on g.mention_key = d.mention_key
        ) where preference = 1
    """)
    connection.execute("""
        create table group_face as
        select
            group_key, arg_min(mention_key, (first_seen, mention_key)) as mention_key, count(*) as mentions,
            min(uscc) as uscc, min(organization_code) as organization_code, min(registration_no) as registration_no,
            max(full_name) <> '' as has_name
        from grouped
        group by group_key
    """)
    connection.execute(
        "create table verdict (group_key varchar, outcome varchar, entity_id varchar, method varchar, score double, "
        "evidence varchar, reason varchar, decided_by varchar)"
    )
    connection.execute("create table candidate (group_key varchar, entity_id varchar, state varchar, reason varchar)")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    kinds = _VERDICT if table == "verdict" else _CANDIDATE
    columns = zip(*rows, strict=True)
    made = pa.table([pa.array(list(v), k) for v, k in zip(columns, kinds.values(), strict=True)], list(kinds))
    connection.register("made", made)
    connection.execute(f"insert into {table} select * from made")
    connection.unregister("made")


def _choices(connection: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[list[Any], list[Any]]]]:
    """Verdict and candidates of every group that has any candidate or decision, some thousand at a time."""
    reader = connection.cursor().execute("""
        select
            f.group_key, f.uscc, f.organization_code, f.registration_no, f.has_name,
            coalesce(p.entity_id, d.entity_id), p.via, p.score, p.name_score, p.evidence,
            coalesce(e.is_active, false), e.uscc, e.organization_code, e.registration_no,
            d.verdict, d.decided_by
        from (
            select group_key, entity_id, via, score, name_score, evidence from pair
        ) as p
        full join group_decision as d on d.group_key = p.group_key and d.entity_id = p.entity_id
        join group_face as f on f.group_key = coalesce(p.group_key, d.group_key)
        left join entity as e on e.entity_id = coalesce(p.entity_id, d.entity_id)
        order by f.group_key, coalesce(p.entity_id, d.entity_id)
    """)

    def rows() -> Iterator[tuple[Any, ...]]:
        for batch in reader.to_arrow_reader(_BATCH):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    made = []
    for key, group in groupby(rows(), key=lambda row: row[0]):
        made.append(_chosen(key, list(group)))
        if len(made) == _BATCH:
            yield made
            made = []
    yield made


def _chosen(key: str, rows: list[tuple[Any, ...]]) -> tuple[list[Any], list[Any]]:
    first = rows[0]
    found = [
        Candidate(r[5], r[6], r[7], r[8], r[10], Codes(r[11], r[12], r[13]), r[9] or "")
        for r in rows
        if r[7] is not None
    ]
    said = {r[5]: Decision(r[14], r[15]) for r in rows if r[14] is not None}
    choice = choose(Codes(first[1], first[2], first[3]), first[4], found, said)
    verdict = (
        key,
        choice.outcome,
        choice.entity_id,
        choice.method,
        choice.score,
        choice.evidence,
        choice.reason,
        choice.decided_by,
    )
    return [verdict], [(key, *row) for row in _shown(choice, said)]


def _shown(choice: Choice, said: dict[str, Decision]) -> Iterator[tuple[str, str, str]]:
    """(entity_id, state, reason) of every pair that a steward may look at."""
    words = {"accept": "accepted", "reject": "rejected"}
    for entity_id in sorted({c.entity_id for c in choice.shown} | set(said)):
        if entity_id in said:
            yield entity_id, words[said[entity_id].verdict], choice.reason
        elif choice.outcome == "queued":
            yield entity_id, "open", choice.reason
        elif choice.method == "decision":
            yield entity_id, "rejected", choice.reason
        elif entity_id == choice.entity_id:
            yield entity_id, "auto", choice.reason


def _links() -> str:
    return f"""
        select
            m.mention_key, m.uscc, m.registration_no, m.organization_code, m.enterprise_name, m.address,
            m.district_code, m.records, m.first_seen, m.departments,
            coalesce(u.entity_id, p.entity_id, v.entity_id) as entity_id,
            case
                when coalesce(u.entity_id, v.entity_id) is not null then 'register'
                when p.entity_id is not null then 'place'
            end as entity_source,
            case
                when u.entity_id is not null or p.entity_id is not null then 'linked' else coalesce(v.outcome, 'unlinked')
            end as outcome,
            case
                when u.entity_id is not null then 'uscc' when p.entity_id is not null then 'place'
                else nullif(v.method, '')
            end as method,
            case when u.entity_id is not null then 1.0 else v.score end as score,
            nullif(v.evidence, '') as evidence,
            nullif(v.reason, '') as reason,
            coalesce(v.decided_by, 'rules') as decided_by,
            '{rules.RULES_VERSION}' as rules_version
        from mention as m
        left join by_uscc as u on u.mention_key = m.mention_key
        left join grouped as g on g.mention_key = m.mention_key
        left join verdict as v on v.group_key = g.group_key
        left join place_member as p on p.group_key = g.group_key
    """


def _candidates() -> str:
    return f"""
        select
            upper(substr(md5(f.mention_key || '|' || c.entity_id), 1, 12)) as candidate_id,
            f.mention_key, f.mentions, c.entity_id, p.score, p.name_score, p.address_score, p.evidence,
            nullif(c.reason, '') as reason, c.state,
            d.decided_by, d.decided_at, d.decision_reason,
            '{rules.RULES_VERSION}' as rules_version
        from candidate as c
        join group_face as f on f.group_key = c.group_key
        left join pair as p on p.group_key = c.group_key and p.entity_id = c.entity_id
        left join group_decision as d on d.group_key = c.group_key and d.entity_id = c.entity_id
    """
