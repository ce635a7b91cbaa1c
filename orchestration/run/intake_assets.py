"""One asset a feed, made from its contract; the ledger; and the checks on raw batches."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import duckdb

from ingest.base.home import Home
from ingest.feeds.loading import in_order
from ingest.feeds.model import Feed
from orchestration.run.check_results import asset_check_results
from orchestration.run.daily_resource import DailyRun
from orchestration.run.pulling import pull_when_due
from orchestration.state.run_folder import last_good_link
from quality.outcome import is_blocking, write_results

LEDGER_KEY = dg.AssetKey(["lake", "ledger"])
ENTITIES_KEY = dg.AssetKey(["lake", "entities"])
OTHER_FILES_KEY = dg.AssetKey(["lake", "unknown_files"])
RAW_CHECK = "contract"
_RETRIES, _RETRY_AFTER_SECONDS = 2, 5


@contextmanager
def retried_when_it_may_pass() -> Iterator[None]:
    """A file share or a disk may stutter: tried again. A wrong file is refused by intake, a defect stays one."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise dg.RetryRequested(max_retries=_RETRIES, seconds_to_wait=_RETRY_AFTER_SECONDS) from error


def feed_key(feed: Feed) -> dg.AssetKey:
    """The asset of a feed: the key under which dbt's source knows it."""
    return dg.AssetKey(["lake", f"{feed.department}__{feed.name}"])


def _feed_asset(feed: Feed, home: Home, feeds: Mapping[str, Feed]) -> dg.AssetsDefinition:
    @dg.asset(
        key=feed_key(feed),
        group_name=f"intake_{feed.department}",
        description=f"{feed.label}：{feed.purpose}（{feed.grain}）",
        owners=[f"team:{feed.owner}"],
        kinds={"duckdb", "parquet"},
        metadata={"contract": f"ingest/contracts/{feed.department}/{feed.name}.yaml", "version": feed.version},
        deps=[OTHER_FILES_KEY],
    )
    def asset(context: dg.AssetExecutionContext, daily: DailyRun) -> dg.MaterializeResult[None]:
        from ingest.intake.take_in import take_in

        def again() -> None:
            raise dg.RetryRequested(max_retries=_RETRIES, seconds_to_wait=_RETRY_AFTER_SECONDS)

        with retried_when_it_may_pass():
            pulled = pull_when_due(
                home,
                feed,
                lambda: take_in(home, feeds, daily.as_of, daily.run_id, only=feed.id),
                again if context.retry_number < _RETRIES else None,
            )
            for line in pulled:
                context.log.info(line)
            # whom it refers to comes first. No dependency of assets says so: the one blocking check on all feeds would
            # then have to come before and after this one
            for name in before(feed, feeds):
                take_in(home, feeds, daily.as_of, daily.run_id, only=name)
            take_in(home, feeds, daily.as_of, daily.run_id, only=feed.id)
            if feed.references:
                from ingest.correcting.redrive import judge_waiting

                judge_waiting(home, feeds, daily.as_of, daily.run_id, only=feed.id)
        return dg.MaterializeResult(metadata=_counts(_taken(home, feed.id, daily.run_id)))

    return asset


def before(feed: Feed, feeds: Mapping[str, Feed]) -> list[str]:
    """The feeds that one refers to, and those they refer to, in the order they must be taken in."""
    found: dict[str, Feed] = {}
    pending = [feed]
    while pending:
        for reference in pending.pop().references:
            if reference.feed in feeds and reference.feed not in found:
                found[reference.feed] = feeds[reference.feed]
                pending.append(feeds[reference.feed])
    return in_order(found)


def _taken(home: Home, feed_id: str, run_id: str) -> list[Any]:
    """What this run took in of a feed, whichever step did it."""
    from ingest.storage.ledger import Batch, Ledger

    with Ledger(home.ledger) as ledger:
        return [Batch(**row) for row in ledger.batches(feed_id) if row["run_id"] == run_id]


def _counts(taken: list[Any]) -> dict[str, Any]:
    totals = {name: sum(getattr(b, name) for b in taken) for name in ("received", "loaded", "refused", "duplicate")}
    return {"files": len(taken), **totals}


def intake_assets(
    home: Home, feeds: Mapping[str, Feed], note: Callable[[str], None] | None = None
) -> list[dg.AssetsDefinition]:
    """The assets of every feed, of files no contract knows, of the ledger that they all end in, and of whom they mean.

    `note` takes a progress line for each feed that is through.
    """

    @dg.asset(
        key=OTHER_FILES_KEY,
        group_name="ledger",
        description="无合同可依的文件：整件拒收、留存、说明原因；部门退回更正的工作簿：逐行重判",
    )
    def unknown_files(context: dg.AssetExecutionContext, daily: DailyRun) -> dg.MaterializeResult[None]:
        from ingest.correcting.corrected_workbook import take_in_corrections
        from ingest.intake.parallel import take_in_side_by_side
        from ingest.intake.take_in import prepare, take_in_unknown
        from quality.gate import warm_up
        from quality.outcome import write_schema

        warm_up()  # Great Expectations is imported on the other core while files are taken in
        with retried_when_it_may_pass():
            prepare(home, feeds)
            write_schema(home.lake / "checks")
            taken = take_in_unknown(home, feeds, daily.as_of, daily.run_id)
            taken += take_in_corrections(home, feeds, daily.as_of, daily.run_id)
            # each feed's step then finds its files taken in, or does what is left and says why
            take_in_side_by_side(home, feeds, daily.as_of, daily.run_id, context.log.info, finished=note)
        return dg.MaterializeResult(metadata=_counts(taken))

    @dg.asset(
        key=LEDGER_KEY,
        group_name="ledger",
        description="台账：收到 = 入库 + 拒收 + 重复",
        deps=[OTHER_FILES_KEY, *(feed_key(f) for f in feeds.values())],
    )
    def ledger(daily: DailyRun) -> dg.MaterializeResult[None]:
        from ingest.storage.ledger import Ledger

        with Ledger(home.ledger) as opened:
            opened.export(home.lake / "ledger")
            balance = opened.balance()
            waiting = opened.quarantine_open()
            if not opened.batches():
                raise dg.Failure(
                    f"{home.landing} 里没有任何部门的文件，也从未收过：请把文件放进 <部门>/<数据>/ 文件夹，"
                    "或用 jgt synth 生成演示数据，再运行 jgt run"
                )
        received = sum(row["received"] for row in balance)
        return dg.MaterializeResult(metadata={"received": received, "quarantine_open": waiting})

    @dg.asset(
        key=ENTITIES_KEY,
        group_name="ledger",
        description="各部门说的是不是同一主体：先按代码，再按名称与地址；存疑的进待认定队列（jgt match）",
        deps=[OTHER_FILES_KEY, *(feed_key(f) for f in feeds.values())],
    )
    def entities(daily: DailyRun) -> dg.MaterializeResult[None]:
        from ingest.matching.linking import link

        with retried_when_it_may_pass():
            linked = link(home, feeds)
        return dg.MaterializeResult(metadata=vars(linked))

    return [unknown_files, *(_feed_asset(f, home, feeds) for f in feeds.values()), ledger, entities]


def raw_checks(home: Home, feeds: Mapping[str, Feed]) -> dg.AssetChecksDefinition:
    """Every feed's lake files against the ledger's sha256, then its rows by its contract (Great Expectations); blocking."""
    specs = [
        dg.AssetCheckSpec(
            RAW_CHECK,
            asset=feed_key(feed),
            blocking=True,
            description=f"{feed.label}：数据湖文件与台账一致，合同规则（Great Expectations）",
        )
        for feed in feeds.values()
    ]

    @dg.multi_asset_check(name="raw_checks", specs=specs)
    def check(daily: DailyRun) -> Iterator[dg.AssetCheckResult]:
        from quality.gate import judge_raw
        from quality.lake_files import verify_lake
        from quality.pull_results import judge_pulls

        stored = verify_lake(home, feeds, daily.run_id)
        # a damaged file is one finding; judging its rows would only add its consequences
        damaged = {r.subject for r in stored if is_blocking(r)}
        sound = {name: feed for name, feed in feeds.items() if name not in damaged}
        checks = last_good_link(home) / "checks"
        last = None if daily.full_refresh or not checks.is_dir() else checks
        rows = judge_raw(home, sound, daily.run_id, folder=daily.folder.checks, last=last)
        judged = [*stored, *rows, *judge_pulls(home, feeds, daily.run_id)]
        write_results(daily.folder.checks, "raw", judged)
        unplaced = [r.message for r in judged if r.subject not in feeds and is_blocking(r)]
        if unplaced:  # it speaks of no feed: nothing at all could be judged
            raise dg.Failure("；".join(unplaced))
        # every feed has its lake checks, so none is silent, delivered or not
        keys = {feed.id: feed_key(feed) for feed in feeds.values()}
        yield from asset_check_results([r for r in judged if r.subject in keys], keys, RAW_CHECK)

    return check
