"""What the truth says of a feed is what its files hold, however many rows there are."""

from __future__ import annotations

from datetime import date

from ingest.base.sql import memory_connection
from ingest.feeds.loading import contract_paths, load_feed
from ingest.synthetic import faults, sending

_ROWS = 400_000  # several of DuckDB's row groups, each with rows that are not sent
_DAY = date(2026, 11, 20)


def test_kept_unknown_codes_are_counted_as_sent_in_a_large_feed() -> None:
    feed = load_feed(contract_paths()["szrx.safety_tip"])
    with memory_connection(threads=2) as connection:
        connection.execute("set variable history_start = date '2023-11-01'")
        connection.execute("create macro rnd(n, salt) as (hash(n, salt) % 1000000) / 1e6")
        values = {c.name: f"cast(null as {c.duckdb_type})" for c in feed.columns}
        values |= {"tip_no": "'T' || (n // 2)", "category": "'fire'", "tip_status": "'closed'"}
        day = "date '2024-01-01' + (n // 2 % 1000)::int"
        values |= {c.name: day for c in feed.columns if c.logical_type == "date"}
        values |= {"updated_at": f"({day})::timestamp + to_seconds(n % 2)"}
        columns = ", ".join(f"{value} as {name}" for name, value in values.items())
        connection.execute(f"create table {sending.world_table(feed)} as select {columns} from range({_ROWS}) t(n)")
        sending.send(connection, feed, _DAY)
        sending.spell(connection, feed)
        connection.execute("checkpoint")
        faults.plant(connection, feed)
        planted = connection.execute(
            f"select count(*) from {sending.cells_table(feed)} where fault = '{faults.KEPT}' and reason is null"
        ).fetchall()[0][0]
        assert sum(faults.kept_unknown(connection, feed).values()) == planted > 100
