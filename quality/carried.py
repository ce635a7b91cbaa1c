"""检查结果的沿用：表没变、规则没变的检查不再执行，结果从上一个已发布的构建取来，记在本轮名下。

沿用只看两样：这张表的检查本身（`Suite`），和表中数据的签名。两者都与上次相同，结果必然相同。
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.base.files import write_text
from quality.check import Suite
from quality.outcome import CheckResult, Layer, read_results


@dataclass(frozen=True)
class Judging:
    """What a judging carries over and what it leaves for the next one.

    Args:
        folder: of this run's check results; its signatures are kept beside them.
        last: of the last published run's results; None: everything is judged.
        data: subject → signature of its rows; a subject without one is judged always.
    """

    folder: Path
    last: Path | None
    data: Mapping[str, str]


def split(
    suites: Sequence[Suite], judging: Judging, layer: Layer, run_id: str
) -> tuple[tuple[Suite, ...], list[CheckResult]]:
    """Suites that have to be judged, and the results of all others.

    Args:
        suites: of one layer.
        judging: where the last results lie, and what the data is now.
        layer: names the files.
        run_id: written into every carried result.

    Returns:
        A suite is carried over only when every one of its checks has a result of the last run that is no `error`.
    """
    signatures = {s.subject: _signature(s, judging.data[s.subject]) for s in suites if s.subject in judging.data}
    _note(judging.folder, layer, signatures)
    if judging.last is None:
        return tuple(suites), []
    before = _noted(judging.last, layer)
    same = {s.subject for s in suites if before.get(s.subject) == signatures.get(s.subject, "?")}
    if not same:
        return tuple(suites), []
    known = {r.check_id: r for r in read_results(judging.last, layer) if r.outcome != "error"}
    again, carried = [], []
    for suite in suites:
        own = [known.get(check.check_id) for check in suite.checks]
        found = [result for result in own if result is not None]
        if suite.subject in same and len(found) == len(own):
            carried += [replace(result, run_id=run_id) for result in found]
        else:
            again.append(suite)
    return tuple(again), carried


def _signature(suite: Suite, data: str) -> str:
    return hashlib.sha256(f"{suite!r}\n{data}".encode()).hexdigest()


def _file(folder: Path, layer: Layer) -> Path:
    return folder / f"{layer}.signatures.json"


def _note(folder: Path, layer: Layer, signatures: Mapping[str, str]) -> None:
    write_text(_file(folder, layer), json.dumps(signatures, indent=1))


def _noted(folder: Path, layer: Layer) -> dict[str, str]:
    try:
        found = json.loads(_file(folder, layer).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
