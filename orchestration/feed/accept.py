"""`jgt feed accept`: the difference between a file and its contract shown, and the contract's next version written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.authoring.drafting import Trial, try_out
from ingest.authoring.next_version import Acceptance, accept, edited
from ingest.authoring.sampling import read_sample
from ingest.base.clock import city_today
from ingest.base.files import write_text
from ingest.base.home import Home
from ingest.feeds.loading import CONTRACTS, contract_folders, contract_paths
from ingest.feeds.model import Feed
from ingest.feeds.shape import stopped
from ingest.storage.ledger import Ledger
from orchestration.feed.fetched import FeedError
from orchestration.feed.new import trial_lines
from orchestration.language import say


@dataclass(frozen=True)
class Proposal:
    """A contract's next version, not written yet.

    Args:
        feed: the contract as it is.
        accepted: what changes.
        text: the new contract.
        version: its version.
        path: where it goes.
        trial: what the new contract makes of the file.
        day: the day of the file's data, for the backfill; None where the file was refused whole, or never delivered.
        is_refused: whether the delivery was refused whole and waits.
    """

    feed: Feed
    accepted: Acceptance
    text: str
    version: str
    path: Path
    trial: Trial
    day: date | None
    is_refused: bool = False


def propose(
    home: Home,
    feeds: Mapping[str, Feed],
    feed_id: str,
    file: Path | None = None,
    batch_id: str | None = None,
    aliases: Mapping[str, str] | None = None,
    as_new: Sequence[str] = (),
) -> Proposal:
    """What accepting a file's shape would make of its feed's contract.

    Args:
        home: the state folder.
        feeds: every contract.
        feed_id: the feed.
        file: a file with the new shape; else the one of the batch.
        batch_id: a batch; else the one that stopped the feed, else the newest with unknown columns.
        aliases: header → column, as decided by a person.
        as_new: headers that are no renames.

    Raises:
        FeedError: there is no such file, or nothing to accept.
    """
    feed = feeds[feed_id]
    for column in (aliases or {}).values():
        if column not in {c.name for c in feed.columns}:
            names = "、".join(c.name for c in feed.columns)
            raise FeedError(say(f"合同里没有列 {column}；有：{names}", f"no column {column}; there are {names}"))
    path, name, day, is_refused = (file, file.name, None, False) if file else _of_batch(home, feed, batch_id)
    if not path.is_file():
        raise FeedError(say(f"没有文件 {path}。请核对路径。", f"no file {path}; check the path."))
    source = contract_paths()[feed_id]
    text = source.read_text("utf-8")
    _, before = try_out(text, feed.department, feed.name, path, name)
    accepted = accept(feed, read_sample(path), before.misfits, feeds, city_today().year, aliases, as_new)
    if accepted.is_empty:
        raise FeedError(
            say(
                f"{name} 与合同 {feed.version} 没有形状上的差异，无可接受。逐行的问题：jgt feed check {feed_id} --sample 文件",
                f"{name} has the shape of contract {feed.version}; nothing to accept. "
                f"For single rows: jgt feed check {feed_id} --sample FILE",
            )
        )
    new_text, version = edited(text, feed, accepted)
    _, trial = try_out(new_text, feed.department, feed.name, path, name)
    own = contract_folders()[-1]
    is_shipped = source.is_relative_to(CONTRACTS) and own != CONTRACTS
    target = own / feed.department / f"{feed.name}.yaml" if is_shipped else source
    return Proposal(feed, accepted, new_text, version, target, trial, day, is_refused)


def _of_batch(home: Home, feed: Feed, batch_id: str | None) -> tuple[Path, str, date | None, bool]:
    """The archived file of a batch: its copy, its name, the day of its data, whether it was refused whole."""
    batches = []
    if home.ledger.exists():
        with Ledger(home.ledger) as ledger:
            batches = ledger.batches(feed.id)
            if batch_id is None:
                last = stopped(feed, batches)
                extra = {c["batch_id"] for c in ledger.changes() if c["change_kind"] == "EXTRA_COLUMN"}
                wanted = [last["batch_id"]] if last else [b["batch_id"] for b in batches if b["batch_id"] in extra][-1:]
                batch_id = wanted[0] if wanted else None
    if batch_id is None:
        raise FeedError(
            say(
                f"{feed.id} 没有停收，也没有带新列的文件，无可接受。要按某个文件改合同：jgt feed accept {feed.id} --file 文件",
                f"{feed.id} is not stopped and no file had a new column. To accept a file: --file FILE",
            )
        )
    found = next((b for b in batches if b["batch_id"] == batch_id), None)
    if found is None:
        raise FeedError(say(f"{feed.id} 没有批次 {batch_id}。", f"{feed.id} has no batch {batch_id}."))
    copies = sorted((home.archive / found["sha256"][:2]).glob(f"{found['sha256']}*"))
    if not copies:
        raise FeedError(say(f"归档里没有 {found['file']}。", f"{found['file']} is not in the archive."))
    is_refused = found["status"] == "refused"
    return copies[0], str(found["file"]).split("/")[-1], found["data_until"] or found["received_on"], is_refused


def difference_lines(proposal: Proposal) -> list[str]:
    """What changes, a line each; names and counts, no content."""
    feed, accepted = proposal.feed, proposal.accepted
    label = {c.name: c.label for c in feed.columns}
    lines = [
        say(
            f"＝ {header} 是 {label[column]}（{column}）的另一个叫法：加为别名",
            f"= {header} is another name of {label[column]} ({column}): alias",
        )
        for header, column in accepted.aliases.items()
    ]
    lines += [
        say(
            f"＋ 新列 {c.label} → {c.name}（{c.logical_type}" + ("，个人信息" if c.is_personal else "") + "）",
            f"+ new column {c.label} → {c.name} ({c.logical_type}{', personal' if c.is_personal else ''})",
        )
        for c in accepted.added
    ]
    lines += [
        say(f"－ {c.label}（{c.name}）不见了：改为非必填", f"- {c.label} ({c.name}) is gone: required no longer")
        for c in accepted.loosened
    ]
    lines += [
        say(
            f"≠ {old.label}（{old.name}）由 {old.logical_type} 改为 {new.logical_type}",
            f"≠ {old.label} ({old.name}): {old.logical_type} becomes {new.logical_type}",
        )
        for old, new in accepted.retyped
    ]
    lines += [
        say(f"＋ {c.label}（{c.name}）新增 {len(labels)} 个取值", f"+ {c.label} ({c.name}): {len(labels)} more values")
        for c, labels in accepted.coded
    ]
    kind = say("破坏性", "breaking") if accepted.is_breaking else say("兼容", "compatible")
    lines.append(
        say(
            f"合同 {feed.version} → {proposal.version}（{kind}）",
            f"contract {feed.version} → {proposal.version} ({kind})",
        )
    )
    return lines + trial_lines(proposal.trial)


def write(proposal: Proposal) -> list[str]:
    """Write the new contract; returns what to do next, a line each."""
    write_text(proposal.path, proposal.text)
    feed = proposal.feed
    days = f" --from {proposal.day} --to {proposal.day}" if proposal.day else ""
    kept = f"jgt quarantine redrive --feed {feed.id}" if proposal.is_refused else f"jgt backfill {feed.id}{days}"
    return [
        say(f"✔ 写好 {os.path.relpath(proposal.path)}", f"✔ wrote {os.path.relpath(proposal.path)}"),
        say(
            f"下一步：jgt feed check {feed.id} → 补入已收下的内容：{kept} → jgt run",
            f"Next: jgt feed check {feed.id} → bring in what was kept: {kept} → jgt run",
        ),
    ]
