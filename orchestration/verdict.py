"""When a run fails: the last good version keeps serving, and the state folder says why."""

from __future__ import annotations

import json

import dagster as dg

from ingest.home import Home
from orchestration.run_folder import RunFolder
from quality.outcome import CheckResult, read_results, write_results


def results_of(folder: RunFolder) -> list[CheckResult]:
    """Every check result that the run has written so far; empty when it failed before the first check."""
    if not any(p.stem != "_schema" for p in folder.checks.glob("*.parquet")):
        return []
    return read_results(folder.checks)


def _reasons_so_far(home: Home, folder: RunFolder) -> list[str]:
    """What earlier steps of the same run failed of: one verdict tells of all of them."""
    file = home.serving / "verdict.json"
    if not file.exists():
        return []
    told = json.loads(file.read_text("utf-8"))
    return [told["reason"]] if told["run_id"] == folder.run_id and told["reason"] else []


def keep_last_good(home: Home) -> dg.HookDefinition:
    """A hook on every failed step of the job: keep the checks' history and write the verdict."""

    @dg.failure_hook(name="keep_last_good")
    def hook(context: dg.HookContext) -> None:
        from orchestration.publishing import refuse

        folder = RunFolder(home, str(context.run_id)[:8])
        results = results_of(folder)
        if results:
            write_results(home.lake / "checks", folder.run_id, results)
        error = context.op_exception
        reason = f"{context.op.name}：{error}" if error else context.op.name
        refuse(home, folder.run_id, results, "\n".join([*_reasons_so_far(home, folder), reason]))

    return hook
