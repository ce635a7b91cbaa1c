"""Small places that no register knows and no code names: entities of their own, one for all who write of it alike."""

from __future__ import annotations

import duckdb

from ingest.feeds.loading import load_code_list
from ingest.matching import candidates, rules
from ingest.matching.characters import fold
from ingest.matching.spelling import PARTS


def make(connection: duckdb.DuckDBPyConnection) -> None:
    """`place`: one row a place; `place_member`: which groups of mentions mean it.

    A group is a place when nothing in the register is like it (or a steward rejected all that is), it carries no code,
    it has a name and an address, and its name is not a company's: a company belongs into the register, and one that is
    not there is a gap to be asked about, not a place. Spellings that score as high as a link are one place. Its id is
    the fingerprint of name, address and district as first seen.

    Args:
        connection: holds grouped, verdict, mention.
    """
    connection.execute(f"""
        create table place_group as
        select
            g.group_key, cast(null as varchar) as uscc, cast(null as varchar) as organization_code,
            cast(null as varchar) as registration_no, {", ".join(f"max(g.{c}) as {c}" for c in PARTS)},
            min(g.first_seen) as first_seen, arg_min(g.mention_key, (g.first_seen, g.mention_key)) as mention_key
        from grouped as g
        left join verdict as v on v.group_key = g.group_key
        where
            coalesce(v.outcome, 'unlinked') = 'unlinked'
            and g.uscc is null and g.organization_code is null and g.registration_no is null
            and length(g.core) >= 2 and g.full_address <> '' and not g.is_company
        group by g.group_key
    """)
    connection.execute(
        "create table place_spelling as select group_key as entity_id, * exclude (group_key), "
        "row_number() over (order by group_key) as spelling from place_group"
    )
    candidates.make_table(connection, "place_pair")
    candidates.find(connection, "place_group", "place_spelling", "place_pair")
    alike = connection.execute(
        "select distinct group_key, entity_id from place_pair where group_key < entity_id and score >= ? order by 1, 2",
        [rules.LINK_FROM],
    ).fetchall()
    first_seen = dict(connection.execute("select group_key, first_seen from place_group").fetchall())
    connection.execute("create table place_face (group_key varchar, face varchar)")
    faces = _faces({key: (day, key) for key, day in first_seen.items()}, alike)
    if alike:
        connection.executemany("insert into place_face values (?, ?)", sorted(faces.items()))
    connection.execute("create table street_of (street varchar, district_code varchar, street_code varchar)")
    connection.executemany(
        "insert into street_of values (?, ?, ?)",
        [(fold(r["name"]), r["district_code"], r["code"]) for r in load_code_list("street")],
    )
    connection.execute("""
        create table place_member as
        select
            g.group_key,
            'PL' || upper(substr(md5(concat_ws('|', f.full_name, f.full_address, f.block_district)), 1, 16)) as entity_id
        from place_group as g
        left join place_face as c on c.group_key = g.group_key
        join place_group as f on f.group_key = coalesce(c.face, g.group_key)
    """)
    connection.execute("""
        create table place as
        select
            p.entity_id, any_value(m.enterprise_name) as name, 'small_place' as entity_kind,
            any_value(m.address) as address, any_value(nullif(f.block_district, '')) as district_code,
            any_value(s.street_code) as street_code,
            min(a.first_seen) as first_seen,
            string_agg(distinct d.department, '、' order by d.department) as departments,
            count(distinct a.mention_key) as mentions,
            sum(d.records)::bigint as records
        from place_member as p
        join grouped as a on a.group_key = p.group_key
        join feed_mention as d on d.mention_key = a.mention_key
        join (
            select entity_id, arg_min(q.group_key, (q.first_seen, q.group_key)) as group_key
            from place_member join place_group as q using (group_key)
            group by entity_id
        ) as first_one on first_one.entity_id = p.entity_id
        join place_group as f on f.group_key = first_one.group_key
        join mention as m on m.mention_key = f.mention_key
        left join street_of as s on s.street = f.street and s.district_code = f.block_district
        group by p.entity_id
    """)


def _faces(order: dict[str, tuple[object, str]], alike: list[tuple[str, str]]) -> dict[str, str]:
    """Group → the first seen of all that are alike, directly or through others; only groups that are like another."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for one, other in alike:
        first, second = sorted((root(one), root(other)), key=lambda key: order[key])
        parent[second] = first
    return {key: root(key) for key in parent}
