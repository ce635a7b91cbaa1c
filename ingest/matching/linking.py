"""Links: every mention of every department to its entity, a steward's queue, or a place of its own; written for dbt."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from ingest.base.home import Home
from ingest.base.sql import memory_connection
from ingest.feeds.model import Feed
from ingest.matching import candidates, mentions, outputs, rules, spelling, state, tables
from ingest.matching.decisions import Decisions, Event
from ingest.matching.mentions import IDENTITY, NAMING, Source
from ingest.matching.register import code_holders, load_register
from ingest.storage.ledger import Ledger

MEMORY_LIMIT = "1GB"  # beyond it tables spill to a temporary folder
_CODES = ("uscc", "organization_code", "registration_no")


@dataclass(frozen=True)
class Linked:
    """What a run did: mentions by outcome, how many pairs it compared, whether it had anything to do."""

    mentions: int
    linked: int
    queued: int
    unlinked: int
    places: int
    compared: int
    is_new: bool


def link(home: Home, feeds: Mapping[str, Feed]) -> Linked:
    """Link every mention of the lake, reading only what is new since the last run.

    Args:
        home: state folder; the results go to `lake/entities`.
        feeds: every contract.

    Returns:
        Counts. The same lake and the same decisions give the same bytes, in whatever order files came and however
        many runs it took.
    """
    with Ledger(home.ledger) as ledger:
        sources = _sources(ledger, feeds)
        registered = [
            (path, sha)
            for f in feeds.values()
            if f.subject == mentions.REGISTER_SUBJECT
            for path, sha, _ in ledger.lake_files(f.id)
        ]
    with Decisions(home.ledger) as opened:
        decided = opened.standing()
    shapes = [(f.id, sorted(mentions.identity_columns(f).items())) for f in feeds.values()]
    stamp = {
        "rules": rules.RULES_VERSION,
        "shapes": state.digest(shapes),
        "sources": state.digest([(s.lake_file, s.sha256) for s in sources]),
        "register": state.digest(registered),
        "decisions": state.digest(decided),
        "outputs": tables.VERSION,
    }
    before = state.read_stamp(home)
    if all(before.get(k) == v for k, v in stamp.items()) and tables.complete(home):
        return Linked(**before["counts"], compared=0, is_new=False)
    trusted = all(before.get(k) == stamp[k] for k in ("rules", "shapes", "outputs"))
    with (
        tempfile.TemporaryDirectory(dir=home.lake) as spill,
        memory_connection(MEMORY_LIMIT, spill) as connection,
        _without_collector(),
    ):
        state.begin(home)
        run = _Run(connection, home, feeds, trusted)
        run.read_mentions(sources)
        run.read_register()
        run.decide_by_code(decided)
        compared = run.compare()
        counts = outputs.write(connection, home, decided)
        run.keep()
    state.finish(home, {**stamp, "counts": counts})
    return Linked(**counts, compared=compared, is_new=True)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No looking for cycles meanwhile: there are none among millions of short tuples, and it took a ninth of all (2026-11)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _sources(ledger: Ledger, feeds: Mapping[str, Feed]) -> list[Source]:
    found = [
        Source(feed.id, path, sha)
        for feed in feeds.values()
        if mentions.identity_columns(feed)
        for path, sha, rows in ledger.lake_files(feed.id)
        if rows
    ]
    return sorted(found, key=lambda s: s.lake_file)


@dataclass
class _Run:
    connection: duckdb.DuckDBPyConnection
    home: Home
    feeds: Mapping[str, Feed]
    trusted: bool

    def read_mentions(self, sources: list[Source]) -> None:
        """`feed_mention`: all of every feed; `mention`: each spelling once. Only new files are read."""
        connection = self.connection
        connection.execute("create table source (feed varchar, lake_file varchar, sha256 varchar)")
        for name in ("known_mention", "read_mention"):
            mentions.make_table(connection, name)
        known: set[tuple[str, ...]] = set()
        if self.trusted:
            state.load(connection, self.home, "source", "source")
            known = set(connection.execute("select feed, lake_file, sha256 from source").fetchall())
            wanted = {(s.feed, s.lake_file, s.sha256) for s in sources}
            if known <= wanted:
                state.load(connection, self.home, "mention", "known_mention")
            else:  # a file went away or was written anew: what it said is in the sums
                connection.execute("delete from source")
                known = set()
        new = [s for s in sources if (s.feed, s.lake_file, s.sha256) not in known]
        for feed in self.feeds.values():
            mentions.read_sources(connection, self.home, feed, [s for s in new if s.feed == feed.id])
        if new:
            connection.executemany(
                "insert into source values (?, ?, ?)", [(s.feed, s.lake_file, s.sha256) for s in new]
            )
        mentions.merge(connection, "known_mention", "read_mention", "feed_mention")
        connection.execute(f"""
            create table mention as
            select
                mention_key, {", ".join(f"any_value({c}) as {c}" for c in NAMING)},
                min(address) as address, min(district_code) as district_code,
                sum(records)::bigint as records, min(first_seen) as first_seen,
                string_agg(distinct department, '、' order by department) as departments
            from feed_mention
            group by mention_key
        """)

    def read_register(self) -> None:
        """`spelling`: the register's names and addresses taken apart; `touched`: blocks in which it changed."""
        connection = self.connection
        load_register(connection, self.home, self.feeds)
        code_holders(connection)
        spelling.make_table(connection, "apart_known")
        connection.execute("create table spelling_before as select * from apart_known")
        own = "entity_id varchar, is_current boolean, uscc varchar, organization_code varchar, registration_no varchar, is_active boolean"
        for column in own.split(", "):
            connection.execute(f"alter table spelling_before add column {column}")
        if self.trusted:
            state.load(connection, self.home, "spelling", "spelling_before")
            connection.execute(
                f"insert into apart_known select distinct name, address, district_code, {', '.join(spelling.PARTS)} "
                "from spelling_before"
            )
        connection.execute("""
            create table apart_new as
            select distinct r.name, r.address, r.district_code
            from registered as r
            where not exists (
                select 1 from apart_known as k
                where k.name is not distinct from r.name and k.address is not distinct from r.address
                and k.district_code is not distinct from r.district_code
            )
        """)
        spelling.take_apart(connection, "apart_new", "apart_known")
        parts = ", ".join(f"k.{c}" for c in spelling.PARTS)
        connection.execute(f"""
            create table spelling as
            select
                r.entity_id, r.is_current, r.uscc, r.organization_code, r.registration_no, r.is_active,
                r.name, r.address, r.district_code, {parts}
            from registered as r
            join apart_known as k
                on k.name is not distinct from r.name and k.address is not distinct from r.address
                and k.district_code is not distinct from r.district_code
        """)
        if not self.trusted:  # all is new: nobody asks what changed
            connection.execute("create table changed as from spelling limit 0")
        else:
            self._find_changed()
        connection.execute(
            "create table registered_spelling as select *, row_number() over () as spelling from spelling"
        )

    def _find_changed(self) -> None:
        everything = (
            "entity_id, is_current, uscc, organization_code, registration_no, is_active, name, address, district_code, "
            + ", ".join(spelling.PARTS)
        )
        self.connection.execute(f"""
            create table changed as
            (select {everything} from spelling except select {everything} from spelling_before)
            union all
            (select {everything} from spelling_before except select {everything} from spelling)
        """)

    def decide_by_code(self, decided: list[Event]) -> None:
        """`by_uscc`: mentions whose unified code settles it; `said`: the others, taken apart; `grouped`: their groups."""
        connection = self.connection
        connection.execute("create table decided_mention (mention_key varchar)")
        if decided:
            connection.executemany("insert into decided_mention values (?)", [(e.mention_key,) for e in decided])
        # a dead holder's code on a record of another name: somebody's typing error, or the successor on the same spot
        connection.execute("""
            create table by_uscc as
            select m.mention_key, h.entity_id
            from mention as m
            join holder as h on h.uscc = m.uscc
            where
                m.mention_key not in (select mention_key from decided_mention)
                and (
                    h.is_active
                    or m.enterprise_name is null
                    or exists (
                        select 1 from registered as r where r.entity_id = h.entity_id and r.name = m.enterprise_name
                    )
                )
        """)
        spelling.make_table(connection, "apart_said")
        connection.execute("create table said as select cast(null as varchar) as mention_key, * from apart_said")
        if self.trusted:
            state.load(connection, self.home, "said", "said")
        connection.execute("""
            create table open_mention as
            select * from mention where mention_key not in (select mention_key from by_uscc)
        """)
        # an address that came later may be the least: then the mention is taken apart anew
        connection.execute("""
            delete from said where not exists (
                select 1 from open_mention as m
                where m.mention_key = said.mention_key and m.address is not distinct from said.address
                and m.district_code is not distinct from said.district_code
            )
        """)
        connection.execute("""
            create table apart_open as
            select distinct enterprise_name as name, address, district_code
            from open_mention
            where mention_key not in (select mention_key from said)
        """)
        spelling.take_apart(connection, "apart_open", "apart_said")
        parts = ", ".join(f"a.{c}" for c in spelling.PARTS)
        connection.execute(f"""
            insert into said
            select m.mention_key, a.name, a.address, a.district_code, {parts}
            from open_mention as m
            join apart_said as a
                on a.name is not distinct from m.enterprise_name and a.address is not distinct from m.address
                and a.district_code is not distinct from m.district_code
            where m.mention_key not in (select mention_key from said)
        """)
        # 12345678-9 of the old card is 123456789
        plain = {
            c: f"nullif(regexp_replace(upper(m.{c}), '[^0-9A-Z]', '', 'g'), '')"
            for c in ("organization_code", "registration_no")
        }
        codes = ", ".join(f"coalesce({c}, '')" for c in ("m.uscc", *plain.values()))
        # spellings that come apart alike are one question to a steward; the first seen stands for them
        connection.execute(f"""
            create table grouped as
            select
                md5(concat_ws('|', {codes}, s.full_name, s.full_address, s.block_district)) as group_key,
                m.mention_key, m.records, m.first_seen, m.enterprise_name,
                m.uscc, coalesce({plain["organization_code"]}, substr(m.uscc, 9, 9)) as organization_code,
                {plain["registration_no"]} as registration_no,
                {", ".join(f"s.{c}" for c in spelling.PARTS)}
            from open_mention as m join said as s on s.mention_key = m.mention_key
        """)

    def compare(self) -> int:
        """`pair`: scored candidates of every group; only new groups, and those in a block that changed, are compared."""
        connection = self.connection
        connection.execute(f"""
            create table all_groups as
            select group_key, {", ".join(f"max({c}) as {c}" for c in (*_CODES, *spelling.PARTS))}
            from grouped
            group by group_key
        """)
        candidates.make_table(connection, "pair")
        connection.execute("create table compared_before (group_key varchar)")
        if self.trusted:
            candidates.make_table(connection, "pair_before")
            state.load(connection, self.home, "pair", "pair_before")
            connection.execute("insert into compared_before select group_key from pair_before where entity_id is null")
            connection.execute(f"""
                create table touched as
                select distinct block, key from ({candidates.blocks_of("changed")}) where key is not null
            """)
            connection.execute(f"""
                delete from compared_before where
                group_key not in (select group_key from all_groups)
                or group_key in (
                    select b.group_key from ({candidates.blocks_of("all_groups")}) as b
                    join touched as t on t.block = b.block and t.key = b.key
                )
            """)
            connection.execute("""
                insert into pair select * from pair_before
                where entity_id is not null and group_key in (select group_key from compared_before)
            """)
        connection.execute(
            "create table new_groups as select * from all_groups "
            "where group_key not in (select group_key from compared_before)"
        )
        candidates.make_table(connection, "found")
        compared = candidates.find(connection, "new_groups", "registered_spelling", "found")
        # of an entity's several names the one that fits best
        connection.execute("""
            insert into pair
            select group_key, entity_id, via, score, name_score, address_score, evidence
            from (
                select *, row_number() over (
                    partition by group_key, entity_id
                    order by via desc, score desc, name_score desc, address_score desc nulls last, evidence
                ) as preference
                from found
            )
            where preference = 1
        """)
        return compared

    def keep(self) -> None:
        """Leave the state to the next run."""
        connection = self.connection
        # a group without candidates was compared too: a row without an entity says so
        connection.execute("create table pair_kept as select * from pair")
        connection.execute("insert into pair_kept (group_key) select group_key from all_groups")
        for table, source in (
            ("source", "source"),
            ("mention", "feed_mention"),
            ("spelling", "spelling"),
            ("said", "said"),
            ("pair", "pair_kept"),
        ):
            state.keep(connection, self.home, table, source)


__all__ = ["IDENTITY", "Linked", "link"]
