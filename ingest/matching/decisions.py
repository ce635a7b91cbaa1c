"""What stewards decided about doubtful pairs: kept for good in the ledger's file, never changed, only added to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ingest.base.clock import utc_now
from ingest.base.errors import ShownError

Action = Literal["accept", "reject", "undo"]


class DecisionRefused(ShownError, ValueError):
    """A decision that cannot be made; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Event:
    """One entry of the audit trail. Names of mentions are not kept here: the key leads to them in the lake."""

    event_id: int
    at: datetime
    by: str
    action: Action
    candidate_id: str
    mention_key: str
    entity_id: str
    reason: str
    undoes: int | None
    follows: int | None


class Decisions:
    """The decisions' table in the ledger's SQLite file; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open the file; the table is made where it is absent."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma synchronous = full")
        self._connection.execute(
            "create table if not exists match_decision (event_id integer primary key, at text not null, "
            "decided_by text not null, action text not null check (action in ('accept', 'reject', 'undo')), "
            "candidate_id text not null, mention_key text not null, entity_id text not null, reason text not null, "
            "undoes integer unique references match_decision (event_id), "
            "follows integer references match_decision (event_id))"
        )

    def __enter__(self) -> Decisions:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def decide(
        self,
        action: Literal["accept", "reject"],
        candidate: tuple[str, str, str],
        by: str,
        reason: str = "",
        rivals: tuple[tuple[str, str, str], ...] = (),
    ) -> list[Event]:
        """Enter a decision; accepting one candidate rejects its rivals in the same breath.

        Args:
            action: what was decided.
            candidate: (candidate_id, mention_key, entity_id).
            by: the steward's name.
            reason: why, in their words.
            rivals: the mention's other candidates, as `candidate`.

        Returns:
            The entries made.

        Raises:
            DecisionRefused: nobody decides, or what is decided stands already or was decided otherwise.
        """
        if not by.strip():
            raise DecisionRefused("请用 --by 写明是谁决定的。")
        with self._transaction():
            standing = {(e.mention_key, e.entity_id): e for e in self.standing()}
            earlier = standing.get(candidate[1:])
            if earlier:
                word = {"accept": "认定", "reject": "否定"}[earlier.action]
                raise DecisionRefused(
                    f"{candidate[0]} 已由 {earlier.by} 于 {earlier.at:%Y-%m-%d} {word}；要改请先运行 jgt match undo {candidate[0]}。"
                )
            made = [self._enter(action, candidate, by, reason)]
            if action == "accept":
                for rival in rivals:
                    taken = standing.get(rival[1:])
                    if taken and taken.action == "accept":
                        raise DecisionRefused(
                            f"同一记录已认定为另一主体（{rival[0]}，{taken.by}）；要改请先运行 jgt match undo {rival[0]}。"
                        )
                    if not taken:
                        made.append(self._enter("reject", rival, by, reason, follows=made[0].event_id))
        return made

    def undo(self, candidate_id: str, by: str, reason: str = "") -> list[Event]:
        """Take a standing decision back, and with an acceptance the rejections that came with it.

        Raises:
            DecisionRefused: nobody does it, or there is nothing to take back.
        """
        if not by.strip():
            raise DecisionRefused("请用 --by 写明是谁撤回的。")
        with self._transaction():
            standing = self.standing()
            own = [e for e in standing if e.candidate_id == candidate_id]
            if not own:
                raise DecisionRefused(f"{candidate_id} 没有可撤回的决定；jgt match list --state all 列出全部。")
            also = [e for e in standing if e.follows == own[0].event_id]
            return [
                self._enter("undo", (e.candidate_id, e.mention_key, e.entity_id), by, reason, undoes=e.event_id)
                for e in [*own, *also]
            ]

    def _enter(
        self,
        action: Action,
        candidate: tuple[str, str, str],
        by: str,
        reason: str,
        undoes: int | None = None,
        follows: int | None = None,
    ) -> Event:
        at = utc_now()
        values = (at.isoformat(), by.strip(), action, *candidate, reason.strip(), undoes, follows)
        row = self._connection.execute(
            "insert into match_decision (at, decided_by, action, candidate_id, mention_key, entity_id, reason, undoes, "
            "follows) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning *",
            values,
        ).fetchone()
        return _event(dict(row))

    def events(self) -> list[Event]:
        """Everything that was ever decided, in order."""
        rows = self._connection.execute("select * from match_decision order by event_id")
        return [_event(dict(row)) for row in rows]

    def standing(self) -> list[Event]:
        """The decisions in force: acceptances and rejections that were not taken back, in order."""
        events = self.events()
        undone = {e.undoes for e in events}
        return [e for e in events if e.action != "undo" and e.event_id not in undone]


def _event(row: dict[str, Any]) -> Event:
    return Event(
        row["event_id"],
        datetime.fromisoformat(row["at"]),
        row["decided_by"],
        row["action"],
        row["candidate_id"],
        row["mention_key"],
        row["entity_id"],
        row["reason"],
        row["undoes"],
        row["follows"],
    )
