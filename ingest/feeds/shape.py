"""When a feed's shape changes: what was lost, what is new, what is likely a new name for the same, what no longer fits.

Pure. A new column alone is additive: it is kept beside the batch and reported. A required column that is gone, or a column
most of whose values no longer fit while they did before, is breaking: that file is refused whole and its feed stopped
until `jgt feed accept` or a good file; all other feeds go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from ingest.feeds.headers import match, normal_form
from ingest.feeds.model import Column, Feed

# More than this share of a column's values must fail; a contract may say otherwise (`driftShare`).
BREAKING_SHARE = 0.5
# Two of three slips in a short file are slips, not another shape.
FEWEST_VALUES = 20
RENAME_LIKENESS = 50.0  # to a required column, which must be somewhere
OPTIONAL_LIKENESS = 70.0  # 陪同人员 is no 检查人员, which may well not be sent at all
COLUMN_LOST = "COLUMN_LOST"
TYPE_CHANGED = "TYPE_CHANGED"
DRIFT_REASONS = (COLUMN_LOST, TYPE_CHANGED)
# what says that a value is not of its column's kind; a value out of range is, and so are two dates in the wrong order
MISFITS = frozenset(
    ("REQUIRED_MISSING", "USCC_CHECK", "ID_CHECK", "DATE_INVALID", "NUMBER_INVALID", "CODE_UNKNOWN", "DIGITS_LOST")
)


@dataclass(frozen=True)
class Fit:
    """How one column's values of one delivery fit its type: `values` filled or required, `misfits` of them that do not."""

    column: str
    values: int
    misfits: int

    @property
    def share(self) -> float:
        """Share of the values that do not fit."""
        return self.misfits / self.values if self.values else 0.0


@dataclass(frozen=True)
class Rename:
    """A header that is likely another name of a column; `likeness` 0 to 100."""

    header: str
    column: str
    label: str
    likeness: float


@dataclass(frozen=True)
class Difference:
    """A file's shape against its contract.

    Args:
        lost: required columns without a header.
        absent: optional columns without one.
        new: headers that the contract does not know.
        renames: which of `new` is likely which of `lost` and `absent`.
        changed: columns most of whose values no longer fit.
    """

    lost: tuple[Column, ...] = ()
    absent: tuple[Column, ...] = ()
    new: tuple[str, ...] = ()
    renames: tuple[Rename, ...] = ()
    changed: tuple[Fit, ...] = field(default=())

    @property
    def is_breaking(self) -> bool:
        """Whether the feed has to stop."""
        return bool(self.lost or self.changed)


def compare(feed: Feed, headers: Sequence[str], changed: Sequence[Fit] = ()) -> Difference:
    """A file's headers against its contract.

    Args:
        feed: the contract.
        headers: as sent.
        changed: of `changed_types`.
    """
    found = match(feed, headers)
    by_name = {c.name: c for c in feed.columns}
    lost = tuple(by_name[name] for name, _ in found.missing)
    absent = tuple(by_name[name] for name in found.absent)
    new = tuple(headers[i].strip() for i in found.extra)
    return Difference(lost, absent, new, tuple(likely_renames((*lost, *absent), new)), tuple(changed))


def likely_renames(lost: Sequence[Column], new: Sequence[str]) -> list[Rename]:
    """Which new header is likely which lost column, each once, the most alike first.

    A single new header beside a single lost required column is offered whatever they are called.
    """
    pairs = sorted(
        ((max(_likeness(h, known) for known in column.headers), h, column) for column in lost for h in new),
        key=lambda pair: -pair[0],
    )
    found: list[Rename] = []
    for likeness, header, column in pairs:
        taken = any(r.header == header or r.column == column.name for r in found)
        if likeness >= (RENAME_LIKENESS if column.required else OPTIONAL_LIKENESS) and not taken:
            found.append(Rename(header, column.name, column.label, likeness))
    required = [c for c in lost if c.required]
    if not found and len(new) == 1 and len(required) == 1:
        found.append(Rename(new[0], required[0].name, required[0].label, pairs[0][0]))
    return found


def _likeness(one: str, other: str) -> float:
    return fuzz.ratio(normal_form(one), normal_form(other))


def changed_types(feed: Feed, now: Iterable[Fit], before: Mapping[str, Fit]) -> list[Fit]:
    """Columns most of whose values no longer fit, while they did.

    Args:
        feed: the contract, which may set its own share.
        now: of this delivery.
        before: of what came earlier, by column; a column that never came, or never fitted, cannot have changed.
    """
    share = share_of(feed)
    return [
        fit
        for fit in now
        if fit.values >= FEWEST_VALUES
        and fit.share > share
        and fit.column in before
        and before[fit.column].values > 0
        and before[fit.column].share <= share
    ]


def share_of(feed: Feed) -> float:
    """The share of a column's values that must fail for its type to have changed."""
    return BREAKING_SHARE if feed.drift_share is None else feed.drift_share


def is_lost_column(feed: Feed, difference: Difference) -> bool:
    """Whether a missing header is a column that was lost: most of the columns that must come are still there.

    Otherwise it is another file, or none: HEADER_MISSING says that better. Optional columns do not count: a contract
    gains them with the years, and a department that never sent them still loses no more than it loses.
    """
    required = sum(c.required for c in feed.columns)
    return bool(difference.lost) and (required - len(difference.lost)) * 2 >= required


def detail(feed: Feed, difference: Difference) -> str:
    """The difference in one Chinese line: names of columns and counts, never a value."""
    said = []
    if difference.lost:
        said.append(f"不见了：{'、'.join(c.label for c in difference.lost)}")
    if difference.new:
        said.append(f"新出现：{'、'.join(difference.new)}")
    if difference.renames:
        said.append("可能是改名：" + "、".join(f"{r.header}＝{r.label}" for r in difference.renames))
    said += [
        f"{feed.column(fit.column).label} 的 {fit.values} 个值里有 {fit.misfits} 个不符合原来的类型"
        for fit in difference.changed
    ]
    return "；".join(said)


def as_values(feed: Feed, difference: Difference, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The difference as JSON values for the note beside the refused file, the one place that may hold content.

    Args:
        feed: the contract.
        difference: as found.
        rows: by changed column the first offending rows: sheet, row, content.
    """
    return {
        "contract_version": feed.version,
        "lost": [{"name": c.name, "label": c.label} for c in difference.lost],
        "absent": [{"name": c.name, "label": c.label} for c in difference.absent],
        "new": list(difference.new),
        "renames": [
            {"header": r.header, "column": r.column, "likeness": round(r.likeness)} for r in difference.renames
        ],
        "changed": [
            {
                "column": f.column,
                "label": feed.column(f.column).label,
                "values": f.values,
                "misfits": f.misfits,
                "rows": list(rows.get(f.column, ())),
            }
            for f in difference.changed
        ],
    }


def stopped(feed: Feed, batches: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The batch that stopped a feed, if it still does.

    A feed is stopped while its newest delivery was refused for its shape and neither a good file nor a newer contract has
    come since.

    Args:
        feed: the contract as it is now.
        batches: the feed's batches in order of sequence.
    """
    deliveries = [b for b in batches if b.get("kind") != "redrive"]
    if not deliveries:
        return None
    last = deliveries[-1]
    still = last["reason_code"] in DRIFT_REASONS and last.get("state") in (None, "open")
    return last if still and last.get("contract_version") in (None, feed.version) else None


def undescribed(department: str = "new", name: str = "sample", form: str | None = None) -> Feed:
    """A feed of which nothing is known yet: no columns, any form, encoding detected."""
    return Feed(
        id=f"{department}.{name}",
        label=name,
        version="0.0.0",
        department=department,
        name=name,
        file_pattern="*",
        format=form,
        encoding=None,
        delimiter=None,
        columns=(),
        subject=None,
        subject_constants=(),
        version_column=None,
        date_orders=(),
        grain="",
        purpose="",
        owner="",
        frequency_days=1,
        latency_hours=26,
    )
