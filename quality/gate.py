"""The gate: judges raw batches and marts, and never mistakes a check that did not run for one that passed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from dashboards.published.manifest import PUBLISHED_SCHEMAS, read_manifest
from ingest.base.engine_limits import engine_limits
from ingest.base.home import Home
from ingest.feeds.model import Feed
from ingest.storage import lake
from ingest.storage.ledger_reads import read_batches
from quality.carried import Judging, split
from quality.check import Check
from quality.judge import Request, Verdict
from quality.judge_process import JudgeProcess
from quality.mart_rules import RULES, MartRules
from quality.mart_suites import dictionary_results, mart_suites, misfit_results
from quality.outcome import CheckResult, check_result, failed_message, not_run, not_run_message
from quality.raw_suites import delivered_feeds, feed_source, raw_suite, refused_share

TIMEOUT_SECONDS = 900.0
COPY_BELOW_BYTES = 256 << 20  # of Parquet; beyond it a copy would take gigabytes of temporary disk
_JUDGE = JudgeProcess()
_log = logging.getLogger(__name__)


def judge_raw(
    home: Home,
    feeds: Mapping[str, Feed],
    run_id: str,
    timeout_seconds: float = TIMEOUT_SECONDS,
    folder: Path | None = None,
    last: Path | None = None,
) -> list[CheckResult]:
    """Judge the accepted rows of every delivered feed by its contract; of unchanged feeds the last results are carried.

    Args:
        home: state folder; reads the lake and the ledger.
        feeds: contracts by id.
        run_id: written into every result.
        timeout_seconds: wall time for any one table in the child process; beyond it every check is an `error`.

        folder: of this run's check results, where the next run finds what was judged; None: nothing is carried over.
        last: of the last published run's.

    Returns:
        One result a check. Nothing is raised for data or for a dead child: that is what the outcome `error` is for.
    """
    try:
        batches = read_batches(home)
    except Exception as error:  # without the ledger nothing can be judged, and that must block
        return [not_run("raw", "ledger", f"台账读不出：{error}", run_id)]
    suites = tuple(raw_suite(f, feed_source(home, f)) for f in delivered_feeds(feeds, batches))
    carried: list[CheckResult] = []
    if folder is not None:
        held: dict[str, list[str]] = {}
        for batch in batches:
            held.setdefault(batch.feed, []).append(f"{batch.batch_id} {batch.lake_sha256}")
        data = {feed: "\n".join(sorted(lines)) for feed, lines in held.items()}
        suites, carried = split(suites, Judging(folder, last, data), "raw", run_id)
    lake_bytes = sum(
        lake.path_of(home, b).stat().st_size for b in batches if b.lake_file and lake.path_of(home, b).exists()
    )
    limits = engine_limits()
    request = Request(suites, None, ("main",), lake_bytes < COPY_BELOW_BYTES, limits.memory_limit, limits.threads)
    results = run_suites(request, run_id, timeout_seconds)
    return results + carried + refused_share(feeds, batches, run_id)


def judge_marts(
    home: Home,
    build_file: Path,
    manifest_path: Path,
    run_id: str,
    timeout_seconds: float = TIMEOUT_SECONDS,
    rules: MartRules = RULES,
    judging: Judging | None = None,
) -> list[CheckResult]:
    """Judge the marts of a build file by what dbt's manifest declares of them; of unchanged ones the results are carried.

    Args:
        home: state folder (spills go to the system's temporary folder, not here).
        build_file: the DuckDB file dbt has written and closed.
        manifest_path: dbt's `manifest.json` of the same build.
        run_id: written into every result.
        timeout_seconds: as in `judge_raw`.
        rules: what holds beyond what the manifest declares; a rule that fits no table or column is an `error`.
        judging: what is carried over and from where; None: everything is judged.
    """
    try:
        manifest = read_manifest(manifest_path)
        suites = tuple(mart_suites(manifest, rules))
        declared = dictionary_results(manifest, run_id) + misfit_results(manifest, run_id, rules)
    except Exception as error:
        return [not_run("mart", "manifest", f"dbt 清单 {manifest_path.name} 读不出：{error}", run_id)]
    if not suites:
        return [not_run("mart", "manifest", "dbt 清单里没有可发布的模型", run_id)]
    if not build_file.is_file():
        return [
            result_of(c, Verdict(c.check_id, "error", problem=f"构建文件 {build_file.name} 不存在"), run_id)
            for s in suites
            for c in s.checks
        ]
    limits = engine_limits()
    suites, carried = split(suites, judging, "mart", run_id) if judging else (suites, [])
    request = Request(suites, str(build_file), tuple(PUBLISHED_SCHEMAS), False, limits.memory_limit, limits.threads)
    return run_suites(request, run_id, timeout_seconds) + carried + declared


def run_suites(request: Request, run_id: str, timeout_seconds: float) -> list[CheckResult]:
    """Judge in a child process; a child that dies or takes too long is the `error` of every check."""
    checks = [c for s in request.suites for c in s.checks]
    if not checks:
        return []
    answer = _JUDGE.ask(request, timeout_seconds)
    if isinstance(answer, str):
        return [result_of(c, Verdict(c.check_id, "error", problem=answer), run_id) for c in checks]
    _log.info("质量门：%d 项，%.1f CPU 秒，峰值 %.0f MB", len(checks), answer.cpu_seconds, answer.peak_mb)
    verdicts = {v.check_id: v for v in answer.verdicts}
    unheard = "子进程没有给出结果"
    return [
        result_of(c, verdicts.get(c.check_id) or Verdict(c.check_id, "error", problem=unheard), run_id) for c in checks
    ]


def warm_up() -> None:
    """Start the judging process now, so that it imports Great Expectations while files are still being taken in."""
    _JUDGE.start()


def result_of(check: Check, verdict: Verdict, run_id: str) -> CheckResult:
    """A check and its verdict as the result that is kept, with a message that says what, where, why, what to do."""
    samples = "；".join(verdict.samples)
    observed = "，样例：".join(p for p in (verdict.observed, samples) if p)
    if verdict.outcome == "error":
        observed = f"未能执行：{verdict.problem}"
        message = not_run_message(check.label_zh, check.subject, verdict.problem)
    elif verdict.outcome == "fail":
        message = failed_message(check.label_zh, check.subject, observed, check.remedy)
    else:
        message = ""
    return check_result(
        check.check_id,
        layer=check.layer,
        subject=check.subject,
        column=check.column,
        expectation=expectation_text(check),
        label_zh=check.label_zh,
        dimension=check.dimension,
        outcome=verdict.outcome,
        severity=check.severity,
        observed=observed,
        unexpected_count=verdict.unexpected_count,
        element_count=verdict.element_count,
        message=message,
        owner=check.owner,
        run_id=run_id,
    )


def expectation_text(check: Check) -> str:
    """The check in one technical line, for whoever wants to run it by hand."""
    match check.kind:
        case "not_null":
            return f"{check.columns[0]} is not null"
        case "unique":
            return f"unique({', '.join(check.columns)})"
        case "in_set":
            shown = ", ".join(map(str, check.values[:8])) + (", …" if len(check.values) > 8 else "")
            return f"{check.columns[0]} in ({shown})"
        case "between":
            low = "-∞" if check.minimum is None else f"{check.minimum:g}"
            high = "+∞" if check.maximum is None else f"{check.maximum:g}"
            return f"{check.columns[0]} between {low} and {high}"
        case "row_count":
            return f"count(*) >= {check.minimum:g}"
        case "no_rows":
            return f"no rows: {check.failing_query}"
