"""Writes what `jgt feed new` drafts: the contract, the department where it is new, a staging model; never over a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.authoring.contract_text import department_text, staging_model
from ingest.authoring.drafting import Draft, Trial, name_from_file
from ingest.authoring.naming import NAME
from ingest.base.reasons import REASONS
from ingest.feeds.loading import CONTRACTS, contract_folders, load_departments
from ingest.feeds.model import Feed
from orchestration.feed.fetched import FeedError
from orchestration.language import say

STAGING = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "staging"


@dataclass(frozen=True)
class Place:
    """Where a new feed's files go.

    Args:
        contracts: the folder of contracts.
        department: the department's code.
        name: the feed's name.
    """

    contracts: Path
    department: str
    name: str

    @property
    def contract(self) -> Path:
        """The contract's file."""
        return self.contracts / self.department / f"{self.name}.yaml"

    @property
    def department_file(self) -> Path:
        """The department's own file."""
        return self.contracts / self.department / "department.yaml"

    @property
    def models(self) -> Path:
        """Staging models: the product's own, or beside an installation's contracts, from where dbt gets them too."""
        shipped = self.contracts.resolve() == CONTRACTS.resolve()
        return STAGING / self.department if shipped else self.contracts / self.department / "models"


def choose_place(
    file_name: str,
    feeds: Mapping[str, Feed],
    department: str | None,
    name: str | None,
    into: Path | None,
    folder: Path | None,
) -> Place:
    """Where the new feed's files go.

    Args:
        file_name: the sample's name, from which the feed's may be told.
        feeds: every contract.
        department: as given; else the department's folder of the landing that the sample lies in.
        name: as given; else from the file's name.
        into: folder of contracts; else `$JGT_CONTRACTS`, else those that ship.
        folder: where the sample lies, if it is a file.

    Raises:
        FeedError: what is missing or taken, and the option that gives it.
    """
    landed = _landed(folder)
    department = department or (landed[0] if landed else None)
    name = name or (landed[1] if landed and len(landed) > 1 else None) or name_from_file(file_name, feeds)
    if not department:
        known = "、".join(f"{d['code']}（{d['short_name']}）" for d in load_departments())
        raise FeedError(
            say(
                f"不知道是哪个部门的数据。请加 --department 代码；已有：{known}；新部门另加 --department-name 名称。",
                f"which department sends it? Add --department CODE (there are {known}), and --department-name for a new one.",
            )
        )
    if not name:
        raise FeedError(
            say(
                f"从文件名 {file_name} 看不出英文名。请加 --name，如 --name venue_inspection。",
                f"{file_name} tells no English name. Add --name, such as --name venue_inspection.",
            )
        )
    for given, option in ((department, "--department"), (name, "--name")):
        if not NAME.fullmatch(given):
            raise FeedError(
                say(
                    f"{option} {given} 不合命名规则：小写英文、数字和下划线，字母开头。",
                    f"{option} {given}: lower-case letters, digits and underscores, a letter first.",
                )
            )
    place = Place(into or contract_folders()[-1], department, name)
    if place.contract.exists() or f"{department}.{name}" in feeds:
        raise FeedError(
            say(
                f"{department}.{name} 已有合同，未改动。看它：jgt feed show {department}.{name}；"
                f"表头变了：jgt feed accept {department}.{name}；另起一份：加 --name。",
                f"{department}.{name} has a contract already, left as it is. See jgt feed show {department}.{name}; "
                f"changed headers: jgt feed accept {department}.{name}; another one: --name.",
            )
        )
    return place


def _landed(folder: Path | None) -> list[str]:
    """Department and feed of a sample that lies in a landing: landing/<department>/<feed>/."""
    parts = folder.resolve().parts if folder else ()
    if "landing" not in parts:
        return []
    found = list(parts[len(parts) - parts[::-1].index("landing") :])
    return found if all(NAME.fullmatch(part) for part in found) else []


def write(place: Place, draft: Draft, department_name: str | None) -> list[Path]:
    """Write the draft's files; a file that is there is never touched.

    Returns:
        The files that were written.
    """
    wanted = {place.contract: draft.text}
    departments = load_departments()
    if place.department not in {d["code"] for d in departments}:
        order = max((int(d["display_order"]) for d in departments), default=0) + 10
        wanted[place.department_file] = department_text(place.department, department_name or place.department, order)
    if draft.feed.subject is None:
        wanted |= {place.models / name: text for name, text in staging_model(draft.feed).items()}
    written = []
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        written.append(path)
    return written


def report(draft: Draft, trial: Trial, written: list[Path], place: Place) -> list[str]:
    """What was found and what to do next, a line each; no content of the sample."""
    feed, sample = draft.feed, draft.sample
    key = "、".join(c.label for c in feed.columns if c.is_key)
    personal = "、".join(c.label for c in feed.columns if c.is_personal)
    lists = "、".join(c.label for c in feed.columns if c.codes or c.code_list)
    lines = [
        say(
            f"样本 {sample.records:,} 行 {len(feed.columns)} 列；主键：{key}"
            + (f"；重复行 {sample.repeats:,}" if sample.repeats else ""),
            f"sample: {sample.records:,} rows, {len(feed.columns)} columns; key: {key}; repeated rows: {sample.repeats:,}",
        )
    ]
    if personal:
        lines.append(
            say(
                f"疑似个人信息（发布时脱敏）：{personal}",
                f"suspected personal data (masked when published): {personal}",
            )
        )
    if lists:
        lines.append(say(f"找到的代码表与取值：{lists}", f"code lists found: {lists}"))
    if feed.subject:
        lines.append(
            say(
                f"主题：{feed.subject}，按列映射直达集市，不用写 SQL",
                f"subject: {feed.subject}, reaches the marts by its map alone",
            )
        )
    lines += [
        say(f"未读的工作表 {name}（{rows:,} 行，表头不同）", f"sheet {name} not read ({rows:,} rows, other headers)")
        for name, rows in sample.other_parts.items()
    ]
    lines += trial_lines(trial)
    todo = [c.label for c in feed.columns if c.name in draft.notes]
    if todo:
        lines.append(
            say(f"待确认 {len(todo)} 列：{'、'.join(todo)}", f"to be confirmed, {len(todo)} columns: {', '.join(todo)}")
        )
    lines += [say(f"写好 {_short(path)}", f"wrote {_short(path)}") for path in written]
    if place.contracts.resolve() not in {f.resolve() for f in contract_folders()}:
        lines.append(
            say(
                f"让各命令读到它：export JGT_CONTRACTS={place.contracts}",
                f"make commands read it: export JGT_CONTRACTS={place.contracts}",
            )
        )
    lines.append(
        say(
            f"下一步：核对合同里的「待确认」→ jgt feed check {feed.id} → 文件放入 landing/{feed.department}/{feed.name}/ → jgt run",
            f"Next: settle what is marked in the contract → jgt feed check {feed.id} → put the file into "
            f"landing/{feed.department}/{feed.name}/ → jgt run",
        )
    )
    return lines


def trial_lines(trial: Trial) -> list[str]:
    """What intake made of the sample, a line a reason; row numbers, no content."""
    if trial.reason_code:
        return [
            say(f"✘ 整个文件会被退回：{trial.reason_message}", f"✘ the file would be refused: {trial.reason_message}")
        ]
    lines = [
        say(
            f"照此合同：入库 {trial.loaded:,}，退回 {trial.refused:,}，重复 {trial.duplicate:,}",
            f"under this contract: loaded {trial.loaded:,}, refused {trial.refused:,}, duplicate {trial.duplicate:,}",
        )
    ]
    for place, rows in sorted(trial.reasons.items(), key=lambda item: -item[1]):
        codes, columns = place
        label = "、".join(REASONS[c].label for c in codes.split(",") if c in REASONS)
        where = "、".join(trial.rows[place])
        lines.append(
            say(
                f"  退回 {rows:,} 行：{columns or '整行'} {label}（如第 {where} 行）",
                f"  {rows:,} rows refused: {columns or 'whole row'} {codes} (rows {where}, …)",
            )
        )
    return lines


def _short(path: Path) -> str:
    return os.path.relpath(path)
