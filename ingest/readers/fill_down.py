"""Cells merged over several rows hold their value in the first alone; where the contract says so, it goes on below."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ingest.base.sql import literal, memory_connection
from ingest.feeds.model import Feed
from ingest.readers.table import TextPart

_TOTAL = "^(合|小|总)[\\s\u3000]*计"


def fill_down(part: TextPart, feed: Feed, scratch: Path) -> tuple[TextPart, list[tuple[str, str, int]]]:
    """Fill the blanks of columns that the contract declares `fillDown` with the value above them.

    A blank row stays blank, and the words of a total row (合计) are nobody's value.

    Args:
        part: a sheet's text, of kind parquet and numbered.
        feed: its contract.
        scratch: folder for the filled text.

    Returns:
        The part to load, and the changes: how many cells of which column were filled.
    """
    filled = {
        c.name: part.match.positions[c.name] for c in feed.columns if c.fill_down and c.name in part.match.positions
    }
    if not filled or not part.rows:
        return part, []
    places = range(len(part.headers))
    source = f"(select * from read_parquet({literal(part.path)}) where _row >= {part.first_row})"
    blank = " and ".join(f"coalesce(trim(c{i}), '') = ''" for i in places)
    first = "coalesce(" + ", ".join(f"nullif(trim(c{i}), '')" for i in places) + ")"
    carried = {
        i: f"last_value(case when coalesce(trim(c{i}), '') <> '' and not is_total then c{i} end ignore nulls) "
        "over (order by _row rows between unbounded preceding and current row)"
        for i in filled.values()
    }
    stays = "is_blank or is_total"
    cells = ", ".join(
        f"case when {stays} or coalesce(trim(c{i}), '') <> '' then c{i} else {carried[i]} end as c{i}"
        if i in carried
        else f"c{i}"
        for i in places
    )
    marked = (
        f"(select *, {blank} as is_blank, coalesce(regexp_matches({first}, {literal(_TOTAL)}), false) as is_total "
        f"from {source})"
    )
    target = scratch / f"filled_{part.path.name}"
    with memory_connection("1GB", scratch) as connection:
        connection.execute(
            f"copy (select _row, {cells} from {marked} order by _row) to {literal(target)} (format parquet)"
        )
        counts = connection.execute(
            "select "
            + ", ".join(
                f"count(*) filter (coalesce(trim(b.c{i}), '') = '' and coalesce(trim(a.c{i}), '') <> '')"
                for i in filled.values()
            )
            + f" from read_parquet({literal(target)}) as a join {source} as b using (_row)"
        ).fetchall()[0]
    changes = [(name, "FILLED_DOWN", count) for name, count in zip(filled, counts, strict=True) if count]
    return replace(part, path=target), changes
