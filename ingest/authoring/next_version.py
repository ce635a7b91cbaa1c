"""A changed shape turned into the next version of a contract: aliases, new columns, columns that are required no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.authoring.contract_text import Edited, next_version, quality_of, special_of
from ingest.authoring.profiling import draft_columns
from ingest.authoring.sampling import Sample
from ingest.feeds.headers import match
from ingest.feeds.model import Column, Feed
from ingest.feeds.shape import MISFITS, Difference, Fit, compare, share_of


@dataclass(frozen=True)
class Acceptance:
    """What accepting a file's shape changes in its feed's contract.

    Args:
        difference: the file against the contract.
        aliases: header → column it is another name of.
        added: columns that the contract gains.
        notes: of the added columns, what a person should look at.
        loosened: columns that are required no longer.
        retyped: column as it was → as it will be.
        coded: column → labels that it may hold from now on.
    """

    difference: Difference
    aliases: Mapping[str, str]
    added: tuple[Column, ...] = ()
    notes: Mapping[str, tuple[str, ...]] | None = None
    loosened: tuple[Column, ...] = ()
    retyped: tuple[tuple[Column, Column], ...] = ()
    coded: tuple[tuple[Column, tuple[str, ...]], ...] = ()

    @property
    def is_breaking(self) -> bool:
        """Whether what reads the feed may have to change too."""
        return bool(self.loosened or self.retyped)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to accept."""
        return not (self.aliases or self.added or self.loosened or self.retyped or self.coded)


def accept(
    feed: Feed,
    sample: Sample,
    refused: Mapping[tuple[str, str], int],
    feeds: Mapping[str, Feed],
    year: int,
    aliases: Mapping[str, str] | None = None,
    as_new: Sequence[str] = (),
) -> Acceptance:
    """What a file's shape would change in the contract.

    Args:
        feed: the contract as it is.
        sample: the file, counted.
        refused: what of it the contract as it is refuses, or keeps as unknown: (reason codes, columns) → rows.
        feeds: every contract, for names and codes.
        year: this year.
        aliases: header → column, as a person decided; it comes before what similarity suggests.
        as_new: headers that are no renames, whatever they resemble.
    """
    decided = dict(aliases or {})
    misfits = _misfits(refused)
    changed = [
        Fit(c.name, sample.records, misfits[c.name])
        for c in feed.columns
        if misfits.get(c.name, 0) > share_of(feed) * sample.records
    ]
    difference = compare(feed, sample.headers, changed)
    for rename in difference.renames:
        if rename.header not in decided and rename.header not in as_new and rename.column not in decided.values():
            decided[rename.header] = rename.column
    drafted, notes = draft_columns(sample.facts, (), feeds, year)
    by_header = {header.strip(): column for header, column in zip(sample.headers, drafted, strict=True)}
    taken = {c.name for c in feed.columns}
    added: list[Column] = []
    for header in difference.new:
        if header not in decided:
            column = replace(by_header[header], required=False, is_key=False)
            if column.name in taken:
                column = replace(column, name=f"{column.name}_{len(feed.columns) + len(added) + 1}")
            taken.add(column.name)
            added.append(column)
    loosened = [c for c in difference.lost if c.name not in decided.values()]
    positions = match(feed, sample.headers).positions
    retyped, coded = [], []
    for fit in changed:
        column = feed.column(fit.column)
        facts = sample.facts[positions[fit.column]]
        if facts.filled * 2 < facts.rows and column.required:
            loosened.append(column)
        elif column.codes and facts.values:
            known = {spelling for pair in column.codes for spelling in pair}
            coded.append((column, tuple(text for text, _ in facts.values if text not in known)))
        else:
            new = drafted[positions[fit.column]]
            retyped.append((column, replace(new, name=column.name, label=column.label, maps_to=column.maps_to)))
    return Acceptance(
        difference,
        decided,
        tuple(added),
        {c.name: notes[c.name] for c in added if c.name in notes},
        tuple(loosened),
        tuple(retyped),
        tuple(coded),
    )


def _misfits(refused: Mapping[tuple[str, str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (codes, columns), rows in refused.items():
        if MISFITS.intersection(codes.split(",")):
            for column in filter(None, columns.split(",")):
                found[column] = found.get(column, 0) + rows
    return found


def edited(text: str, feed: Feed, accepted: Acceptance) -> tuple[str, str]:
    """The contract's next version.

    Args:
        text: the contract as it is.
        feed: the same, read.
        accepted: what changes.

    Returns:
        (its text, its version).
    """
    contract = Edited(text)
    for header, name in accepted.aliases.items():
        contract.add_synonym(name, header)
    for column in accepted.loosened:
        contract.set_on_column(column.name, "required", None)
    for column, labels in accepted.coded:
        contract.add_codes(column.name, [(label, label) for label in labels])
    for old, new in accepted.retyped:
        if new.logical_type not in ("date", "timestamp"):
            contract.drop_orders(old.name)
        special = new.duckdb_type if new.duckdb_type.startswith("DECIMAL") else None
        contract.set_on_column(old.name, "logicalType", new.logical_type)
        contract.set_on_column(old.name, "physicalType", special)
        contract.set_on_column(old.name, "enum", None)
        contract.set_on_column(old.name, "quality", quality_of(new) or None)
        contract.set_on_column(old.name, "logicalTypeOptions", None)
        contract.set_on_column(old.name, "customProperties", special_of(new) or None)
    for column in accepted.added:
        contract.add_column(column, (accepted.notes or {}).get(column.name, ()))
    version = next_version(feed.version, accepted.is_breaking)
    contract.set_version(version)
    return contract.text, version
