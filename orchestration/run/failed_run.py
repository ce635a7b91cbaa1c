"""When a run fails: the last good version keeps serving, and the state folder says why."""

from __future__ import annotations

import dagster as dg

from ingest.base.home import Home
from ingest.base.last_run import verdict_of
from orchestration.state.run_folder import RunFolder
from quality.outcome import CheckResult, read_results, write_results


def results_of(folder: RunFolder) -> list[CheckResult]:
    """Every check result that the run has written so far; empty when it failed before the first check."""
    if not any(p.stem != "_schema" for p in folder.checks.glob("*.parquet")):
        return []
    return read_results(folder.checks)


def keep_reason(folder: RunFolder, reason: str) -> None:
    """Note in the verdict why a run is not published, after what its earlier steps failed of, with its checks so far."""
    from orchestration.publish.publishing import refuse

    results = results_of(folder)
    if results:
        write_results(folder.home.lake / "checks", folder.run_id, results)
    told = verdict_of(folder.home)
    earlier = [told["reason"]] if told and told["run_id"] == folder.run_id and told["reason"] else []
    if earlier and (reason in earlier[0] or earlier[0] in reason):
        return  # the publisher has said it already
    refuse(folder.home, folder.run_id, results, "\n".join([*earlier, reason]))


def keep_last_good(home: Home) -> dg.HookDefinition:
    """A hook on every failed step of the job: keep the checks' history and write the verdict."""

    @dg.failure_hook(name="keep_last_good")
    def hook(context: dg.HookContext) -> None:
        error = context.op_exception
        reason = f"{context.op.name}：{error}" if error else context.op.name
        keep_reason(RunFolder(home, str(context.run_id)[:8]), reason)

    return hook
