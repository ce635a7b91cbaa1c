"""Refused rows that their department sent again, right this time, in a later delivery: the commonest way to correct.

A refused row is settled by the first later delivery of its feed that brings its whole key good. It must not say less than
the refused row did:

- where the refused row tells its version (`versionColumn`), only the same or a later version settles it, loaded or repeated;
- where it does not, only a row that is loaded settles it. A repetition says what was known before the refused row came.

A row whose key cannot be read stays open. One that comes again bad is a refusal of its own; both are settled together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from ingest.base.home import Home
from ingest.base.sql import insert, literal, literals, path_list
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.judging.judge import failure_names, judging_query
from ingest.judging.tables import ACCEPTED, DUPLICATE_ROW
from ingest.storage import quarantine
from ingest.storage.ledger import Batch, Entry, Ledger, QuarantineRow, Verdict
from ingest.storage.quarantine import REFUSED_ROW

WHO = "系统"
_WHY = "部门在后来的报送中重报了这条记录，已通过检查"
_REOPENED = "补算后，重报的那一条不再通过检查"
_KINDS = ("VARCHAR", "BIGINT", "VARCHAR")


class Resends:
    """The keys of a feed's refused rows, held against what later deliveries brought.

    Args:
        connection: prepared by `judging.prepare_connection` for the feed; the tables made here outlast a group.
        feed: the contract.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
        self._connection = connection
        self._feed = feed
        wanted = {*feed.key, feed.version_column}
        self._columns = tuple(c for c in feed.columns if c.name in wanted)
        self.refused: set[str] = set()
        typed = "".join(f', "{c.name}" {c.duckdb_type}' for c in self._columns)
        connection.execute(f"create or replace temp table resend_key (quarantine_id varchar, seq bigint{typed})")

    def remember(self, home: Home, rows: Sequence[Mapping[str, Any]]) -> None:
        """Read the keys of rows that are in the quarantine already (`Ledger.resendable`), from their text as sent."""
        name = self._feed.name
        files = {
            home.quarantine / r["quarantine_file"]
            if r["quarantine_file"]
            else quarantine.rows_file(home, r["department"], name, r["batch_id"])
            for r in rows
        }
        listed = [path for path in sorted(files) if path.exists()]
        if listed:
            self._wanted((r["quarantine_id"], r["batch_seq"], "") for r in rows)
            self._read(
                "select w.quarantine_id, w.seq, r.content from resend_wanted as w join "
                f"read_parquet({path_list(listed)}, union_by_name = true) as r on r.quarantine_id = w.quarantine_id"
            )

    def gather(self, refused: Mapping[int, tuple[int, Sequence[QuarantineRow]]]) -> None:
        """Read the keys of rows refused in the judged group.

        Args:
            refused: number of the file in its group → its batch number, its refused rows.
        """
        places = [
            (row.quarantine_id, seq, f"{number} {row.row_number} {row.sheet}")
            for number, (seq, rows) in refused.items()
            for row in rows
        ]
        if places:
            self._wanted(places)
            self._read(
                f"select w.quarantine_id, w.seq, r.content from resend_wanted as w join {REFUSED_ROW} as r "
                "on w.place = concat(r._file, ' ', r.row_number, ' ', r.sheet)"
            )

    def _wanted(self, rows: Iterable[tuple[str, int, str]]) -> None:
        self._connection.execute(
            "create or replace temp table resend_wanted (quarantine_id varchar, seq bigint, place varchar)"
        )
        given = list(rows)
        self.refused |= {identity for identity, _, _ in given}
        insert(self._connection, "resend_wanted", _KINDS, given)

    def _read(self, query: str) -> None:
        """Type the keys of rows given as (quarantine_id, seq, content), as the judge would, a layout at a time."""
        self._connection.execute(
            "create or replace temp table resend_content as select row_number() over () as _ord, quarantine_id, seq, "
            f"from_json(content, '\"MAP(VARCHAR, VARCHAR)\"') as cells from ({query})"
        )
        # only key and version are judged, wherever the whole contract finds them
        judged = replace(self._feed, columns=self._columns, date_orders=(), references=())
        for (headers,) in self._connection.execute("select distinct map_keys(cells) from resend_content").fetchall():
            found = match(self._feed, headers)
            if not self._feed.key or any(name not in found.positions for name in self._feed.key):
                continue
            cells = "".join(f", cells[{literal(header)}] as c{place}" for place, header in enumerate(headers))
            layout = f"[{literals(headers)}]"
            source = (
                f"(select 0 as _file, 0 as _part, _ord, 0 as _row, '' as _sheet{cells} from resend_content "
                f"where map_keys(cells) = {layout})"
            )
            names = failure_names(judged, found)
            readable = [f'"v_{name}" is not null' for name in self._feed.key]
            readable += [f'"f_{name}" is null' for name in self._feed.key if f"f_{name}" in names]
            values = "".join(
                f', case when "f_{c.name}" is null then "v_{c.name}" end'
                if f"f_{c.name}" in names
                else f', "v_{c.name}"'
                for c in self._columns
            )
            self._connection.execute(
                f"insert into resend_key select quarantine_id, seq{values} from ({judging_query(judged, found, source)}) "
                f"join resend_content using (_ord) where {' and '.join(readable)}"
            )

    def settled(self, delivered: Mapping[int, int]) -> dict[str, int]:
        """Which of these rows the judged group settles.

        Args:
            delivered: number of the file in its group → its batch number, of ordinary deliveries.

        Returns:
            Quarantine id → number of the first batch that brings its key good.
        """
        if not (delivered and self._feed.key):
            return {}
        numbers = ", ".join(f"({number}, {seq})" for number, seq in delivered.items())
        keys = ", ".join(f'"{name}"' for name in self._feed.key)
        version = f'"{self._feed.version_column}"' if self._feed.version_column else "null"
        rows = self._connection.execute(
            "with good as materialized ("
            f"select _file, _part, _ord, {keys}, {version} as version from {ACCEPTED} semi join resend_key using ({keys})), "
            "told as (select g.*, d.seq as good_seq, p._file is not null as is_repeated from good as g "
            f"join (values {numbers}) as d(_file, seq) on d._file = g._file left join {DUPLICATE_ROW} as p "
            "on p._file = g._file and p._part = g._part and p._ord = g._ord) "
            f"select quarantine_id, min(good_seq) from resend_key as r join told using ({keys}) where good_seq > seq and "
            f"case when r.{version} is null then not is_repeated else told.version >= r.{version} end "
            "group by quarantine_id order by quarantine_id"
        ).fetchall()
        return dict(rows)


def settle(
    connection: duckdb.DuckDBPyConnection, home: Home, ledger: Ledger, feed: Feed, entries: Mapping[int, Entry]
) -> list[Verdict]:
    """What a judged group settles, of rows refused before it and in its own earlier files.

    Args:
        connection: holds `accepted`, `duplicate_row` and `refused_row` of the group.
        home: the state folder.
        ledger: open; without the group.
        feed: the contract.
        entries: number of the file in its group → what will be entered of it; none of files refused whole.
    """
    open_rows = ledger.resendable(feed.id) if entries and feed.key else []
    earlier = {n: (batch.batch_seq, rows) for n, (batch, rows, _) in sorted(entries.items())[:-1] if rows}
    if not feed.key or not (open_rows or earlier):
        return []
    resends = Resends(connection, feed)
    resends.remember(home, open_rows)
    resends.gather(earlier)
    ids = {batch.batch_seq: batch.batch_id for batch, _, _ in entries.values()}
    settled = resends.settled({number: batch.batch_seq for number, (batch, _, _) in entries.items()})
    return [verdict(identity, ids[seq]) for identity, seq in settled.items()]


def verdict(identity: str, batch_id: str) -> Verdict:
    """A refused row is settled by a batch that brought its record again; no attempt of its own."""
    return Verdict(identity, "resent", "corrected", WHO, _WHY, batch_id)


def settle_again(
    settled: Mapping[str, int],
    former: Sequence[Mapping[str, Any]],
    judged: Mapping[int, Batch],
    refused: set[str],
    own: Mapping[str, str],
) -> Iterator[Verdict]:
    """What a backfill makes of resends: settled now, by another batch, or no longer.

    Args:
        settled: quarantine id → number of the first judged batch that settles it.
        former: `Ledger.resendable` of the feed, with those settled so before.
        judged: the batches judged again, by number.
        refused: ids of rows that are still refused, or refused only now.
        own: ids of rows that are refused only now, or that the backfill has a verdict on → their state by it.
    """
    known = {row["quarantine_id"]: row for row in former}
    for identity, seq in settled.items():
        state = own.get(identity) or (known[identity]["state"] if identity in known else "")
        by = known[identity]["corrected_seq"] if state == "corrected" and identity not in own else None
        is_other = by is not None and by != seq and (by in judged or by > seq)
        if state in ("open", "waiting") or is_other:
            yield verdict(identity, judged[seq].batch_id)
    for identity, row in known.items():
        was_here = row["state"] == "corrected" and row["corrected_seq"] in judged
        if was_here and identity in refused and identity not in settled and identity not in own:
            state = "waiting" if row["reason_codes"] == quarantine.WAITS else "open"
            yield Verdict(identity, "reopened", state, WHO, _REOPENED)
