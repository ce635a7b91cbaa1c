"""What a run shows while it goes: one line a stage, with how far it is, how long it took and what it cost."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import dagster as dg

from orchestration.language import say

_DBT_NOTED_EVERY: Final = 60


def cpu_seconds() -> float:
    """CPU-seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@dataclass(frozen=True)
class Step:
    """What one step of a run took.

    `cpu_seconds` are of this process and its ended children; a child that outlives the step (Great Expectations')
    is not in them. `began` is in seconds since the epoch.
    """

    step: str
    began: float
    wall_seconds: float
    cpu_seconds: float


@dataclass
class Progress:
    """Collects the steps of a run and prints a line for each; `emit` takes the finished text."""

    emit: Callable[[str], None] = print
    labels: dict[str, str] = field(default_factory=dict)
    total: int = 0
    finished: list[Step] = field(default_factory=list)
    quiet: frozenset[str] = frozenset()  # steps that only tell when they took a second or failed
    _open: dict[str, tuple[float, float]] = field(default_factory=dict)

    def started(self, step: str) -> None:
        """A step begins."""
        self._open[step] = (time.time(), cpu_seconds())

    def ended(self, step: str, succeeded: bool) -> None:
        """A step ended: print how far the run is."""
        began, cpu_before = self._open.pop(step, (time.time(), cpu_seconds()))
        wall = time.time() - began
        self.finished.append(Step(step, began, wall, cpu_seconds() - cpu_before))
        if succeeded and step in self.quiet and wall < 1:
            return
        mark = "✔" if succeeded else "✘"
        label = self.labels.get(step, step)
        far = f"[{len(self.finished):>2}/{self.total}]" if self.total else ""
        self.emit(f"{mark} {far} {label}  " + say(f"{wall:.1f} 秒", f"{wall:.1f} s"))

    def note(self, text: str) -> None:
        """A line inside a step."""
        self.emit(f"    {text}")


def dbt_progress(
    events: Iterable[Any], total: int, note: Callable[[str], None], every: int = _DBT_NOTED_EVERY
) -> Iterator[Any]:
    """Pass dbt's events on, noting now and then how many of its nodes are done, and at the end that all are.

    Args:
        events: of dagster-dbt, which name their node; a test on several models is an event of each.
        total: nodes that this build makes.
        note: takes a line.
        every: nodes from one line to the next.
    """
    done: set[str] = set()
    for event in events:
        before = len(done)
        done.add(event.metadata["unique_id"].value)
        if len(done) > before and len(done) % every == 0 and len(done) < total:
            note(f"dbt {len(done)}/{total}")
        yield event
    note(f"dbt {total}/{total}")


class _StepHandler(logging.Handler):
    """Turns Dagster's events into progress lines."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.DEBUG)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", None) or {}
        event = meta.get("dagster_event")
        if event is None or event.step_key is None:
            return
        kind = event.event_type_value
        if kind == "STEP_START":
            self._progress.started(event.step_key)
        elif kind in ("STEP_SUCCESS", "STEP_FAILURE"):
            self._progress.ended(event.step_key, kind == "STEP_SUCCESS")


def console_logger(progress: Progress) -> dg.LoggerDefinition:
    """A Dagster logger that feeds `progress` and prints nothing else."""

    def people(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("jgt.progress", logging.DEBUG)
        logger.addHandler(_StepHandler(progress))
        return logger

    return dg.LoggerDefinition(people, description="进度 · progress for people")
