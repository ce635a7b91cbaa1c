"""From a sample that nobody here has seen to a contract that takes it in, and the trial that shows what it would refuse."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest.authoring.contract_text import contract_text, file_pattern
from ingest.authoring.naming import NAME, known_names, name_of, simplified
from ingest.authoring.profiling import draft_columns, suggest_subject, version_column
from ingest.authoring.sampling import Sample, read_sample
from ingest.base.clock import city_today
from ingest.base.home import Home
from ingest.base.reasons import UNKNOWN_KEPT
from ingest.feeds.loading import load_feed, load_subjects
from ingest.feeds.model import ContractError, Feed
from ingest.feeds.shape import undescribed
from ingest.readers import delimited, delimiters
from ingest.readers.encoding import detect
from ingest.readers.forms import form_of

_TEXT_FORMS = ("csv", "json", "jsonl", "xml")


@dataclass(frozen=True)
class Draft:
    """A drafted feed.

    Args:
        feed: as its contract says.
        text: its contract.
        notes: by column name what a person should look at.
        likely_subject: a subject that it resembles, where none was asked for and it was not sure enough to set.
        sample: what was found in the sample.
    """

    feed: Feed
    text: str
    notes: Mapping[str, tuple[str, ...]]
    likely_subject: str | None
    sample: Sample


@dataclass(frozen=True)
class Trial:
    """What intake makes of a sample under a contract: the ledger's counts, and why rows are refused.

    Args:
        reason_code, reason_message: of a file refused whole.
        reasons: (reason codes, columns they are about) → rows. No content.
        rows: (reason codes, columns) → the first row numbers, as sheet and row.
        changes: (column, kind of repair or change) → rows.
    """

    received: int
    loaded: int
    refused: int
    duplicate: int
    reason_code: str | None
    reason_message: str | None
    reasons: Mapping[tuple[str, str], int]
    rows: Mapping[tuple[str, str], tuple[str, ...]]
    changes: Mapping[tuple[str, str], int]

    @property
    def misfits(self) -> dict[tuple[str, str], int]:
        """`reasons`, and what is not on its list and was taken in all the same: (CODE_UNKNOWN, column) → rows."""
        kept = {("CODE_UNKNOWN", name): rows for (name, kind), rows in self.changes.items() if kind == UNKNOWN_KEPT}
        return {**self.reasons, **kept}


def name_from_file(file_name: str, feeds: Mapping[str, Feed]) -> str | None:
    """A feed's name from its file's: dates and counters off, Chinese by the field's terms; None where none fits."""
    stem = re.sub(r"[0-9]+|[*_\-. ]+$", " ", Path(file_name).name.split(".")[0]).strip(" _-")
    stem = re.sub(r"[（(].*?[)）]", "", stem).strip(" _-")
    name = name_of(stem, "string", known_names(feeds.values())) if stem else None
    return name if name and NAME.fullmatch(name) else None


def label_from_file(file_name: str) -> str | None:
    """A feed's label from its file's Chinese name, without dates."""
    stem = re.sub(r"[0-9]+[年月日号]?", "", Path(file_name).name.split(".")[0]).strip(" _-—（）()")
    return simplified(stem) if re.search("[\u4e00-\u9fff]", stem) else None


def draft_feed(
    path: Path,
    department: str,
    name: str,
    feeds: Mapping[str, Feed],
    label: str | None = None,
    subject: str | None = None,
    today: date | None = None,
    file_name: str | None = None,
    servers: tuple[Mapping[str, Any], ...] = (),
) -> Draft:
    """Profile a sample and draft its contract.

    Args:
        path: the sample, of any form the readers know.
        department: code of the department.
        name: the feed's English name.
        feeds: contracts that are there already.
        label: the feed's Chinese name; from the file's name where it has one.
        subject: a known subject, or `none` for a shape of its own; suggested by the columns where it is not given.
        today: the day of drafting.
        file_name: what the file is called in the landing, where that is not the path's name.
        servers: where the feed is pulled from, besides the landing.

    Raises:
        RefusedFile: what the reader says of the sample.
        ContractError: an unknown subject.
    """
    if subject and subject != "none" and subject not in load_subjects():
        raise ContractError(f"未知主题 {subject}；可用：{'、'.join(load_subjects())}，或 none（自有形状）")
    sample = read_sample(path)
    given = file_name or path.name
    columns, notes = draft_columns(sample.facts, sample.key, feeds, (today or city_today()).year)
    found, maps = suggest_subject(columns, subject if subject != "none" else None)
    chosen = subject if subject and subject != "none" else None if subject == "none" else found
    if chosen:
        columns = [replace(c, maps_to=maps.get(c.name)) for c in columns]
        for column in columns:
            if column.maps_to:
                notes[column.name] = (*notes.get(column.name, ()), "mapsTo 是否正确")
    key = "、".join(c.label for c in columns if c.is_key)
    title = label or label_from_file(given) or name
    feed = replace(
        undescribed(department, name),
        label=title,
        version="0.1.0",
        file_pattern=file_pattern(given),
        columns=tuple(columns),
        subject=chosen,
        version_column=version_column(columns),
        grain=f"一个{key}一行" if len(sample.key) == 1 else f"{key}的一种组合一行",
        purpose=f"{title}。",
        owner=f"{department}-data",
    )
    landing = {"server": "landing", "type": "local", "path": f"landing/{department}/{name}/"}
    landing |= {} if servers else _form(path)
    if feed.version_column:
        header = sample.headers[[c.name for c in columns].index(feed.version_column)]
        servers = tuple(_with_cursor(server, header) for server in servers)
    text = contract_text(feed, notes, [landing, *servers])
    return Draft(feed, text, notes, found if not chosen else None, sample)


def _with_cursor(server: Mapping[str, Any], column: str) -> Mapping[str, Any]:
    """A database read by its time of update, with two days of overlap for late rows; an interface has a window of its own."""
    if server["type"] == "api":
        return server
    cursor = {"property": "cursor", "value": {"column": column, "overlap": "2 d"}}
    return {**server, "customProperties": [*server.get("customProperties", ()), cursor]}


def _form(path: Path) -> dict[str, str]:
    """Format, encoding and delimiter as found; left out where they say nothing (pure ASCII) or vary (archives)."""
    form = form_of(path)
    if form not in _TEXT_FORMS:
        return {} if form in ("zip", "gz") else {"format": form}
    found = {"format": form}
    if not path.read_bytes().isascii():
        found["encoding"] = detect(path).removesuffix("-sig")
    if form == "csv":
        with tempfile.TemporaryDirectory(prefix="jgt-sample-") as scratch:
            text = delimited.to_utf8(path, None, Path(scratch)).path
            found["delimiter"] = delimiters.detect(text, undescribed())
    return found


def try_out(
    contract: str, department: str, name: str, sample: Path, file_name: str | None = None
) -> tuple[Feed, Trial]:
    """Take a sample in under a contract, in a state folder of its own that is gone afterwards.

    Args:
        contract: the contract's text.
        department: its department.
        name: its feed.
        sample: the file.
        file_name: what it is called in the landing.

    Raises:
        ContractError: the contract cannot be used.
    """
    from ingest.intake.take_in import take_in
    from ingest.storage.ledger import Ledger

    with tempfile.TemporaryDirectory(prefix="jgt-trial-") as folder:
        path = Path(folder) / "contracts" / department / f"{name}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(contract, "utf-8")
        # the sample's name is not what is on trial, and other feeds' rows are not here to refer to
        feed = replace(load_feed(path), file_pattern="*", references=())
        home = Home(Path(folder) / "home")
        landing = home.landing / department / name
        landing.mkdir(parents=True)
        shutil.copyfile(sample, landing / (file_name or sample.name))
        [batch] = take_in(home, {feed.id: feed}, city_today(), "trial")
        with Ledger(home.ledger) as ledger:
            refused, changes = ledger.quarantined(), ledger.changes()
    reasons = Counter((str(r["reason_codes"]), str(r["columns"])) for r in refused)
    rows: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in refused:
        place = (str(row["reason_codes"]), str(row["columns"]))
        if len(rows.get(place, ())) < 3:
            where = f"{row['sheet']}!" if row["sheet"] else ""
            rows[place] = (*rows.get(place, ()), f"{where}{row['row_number']}")
    return feed, Trial(
        received=batch.received,
        loaded=batch.loaded,
        refused=batch.refused,
        duplicate=batch.duplicate,
        reason_code=batch.reason_code,
        reason_message=batch.reason_message,
        reasons=reasons,
        rows=rows,
        changes={(str(c["column_name"]), str(c["change_kind"])): int(c["rows"]) for c in changes},
    )
