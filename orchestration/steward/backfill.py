"""Behind `jgt backfill`: under the writer's lock, files refused whole too, told line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from ingest.base.home import Home
from ingest.feeds.model import Feed
from orchestration.language import say
from orchestration.state.run_folder import data_date
from orchestration.steward.quarantine import require_ledger, writing


def run_backfill(
    home: Home,
    feeds: Mapping[str, Feed],
    feed_id: str,
    first: date,
    last: date,
    from_source: bool,
    who: str,
    emit: Callable[[str], None],
) -> None:
    """Judge the feed's deliveries of these days again and say what changed.

    Args:
        home: the state folder.
        feeds: every contract, by id.
        feed_id: the feed.
        first: first day.
        last: last day, included.
        from_source: pull these days again first, and take in what comes.
        who: for the audit.
        emit: takes each line for people.

    Raises:
        BackfillRefused: nothing was changed.
        WriterBusy: another run is writing.
        QuarantineError: nothing was ever taken in.
    """
    from ingest.correcting.backfill import backfill, day_of
    from ingest.correcting.redrive import redrive
    from ingest.intake.take_in import describe, take_in
    from ingest.storage.ledger import Ledger

    with writing(home, "backfill") as run_id:
        if from_source:
            from ingest.pulls.pull import pull_window

            pull_window(home, feeds[feed_id], first, last, progress=emit)
            for result in take_in(home, feeds, data_date(), run_id, only=feed_id):
                emit(describe(result))
        require_ledger(home)
        done = backfill(home, feeds, feed_id, first, last, data_date(), run_id, who)
        for batch in done.rewritten:
            emit(
                say(
                    f"{batch.file}：入库 {batch.loaded_before:,} → {batch.loaded:,}，"
                    f"退回 {batch.refused_before:,} → {batch.refused:,}",
                    f"{batch.file}: loaded {batch.loaded_before:,} → {batch.loaded:,}, "
                    f"refused {batch.refused_before:,} → {batch.refused:,}",
                )
            )
        with Ledger(home.ledger) as ledger:
            files = [b for f in ledger.refused_files() if f["feed"] == feed_id and (b := ledger.batch(f["batch_id"]))]
        redriven = [
            result
            for batch in files
            if first <= day_of(batch) <= last
            for result in redrive(home, feeds, data_date(), run_id, who, batch_id=batch.batch_id)
        ]
        for result in redriven:
            emit(describe(result))
    if done.rewritten or redriven:
        emit(
            say(
                f"✔ 重判 {done.judged} 批，{len(done.rewritten)} 批有变化。下一步：jgt run 更新看板。",
                f"✔ {done.judged} batches judged again, {len(done.rewritten)} changed. Next: jgt run.",
            )
        )
    elif done.judged:
        emit(
            say(
                f"✔ 重判 {done.judged} 批，全部与原来一致，数据湖一个字节未动。",
                f"✔ {done.judged} batches judged again, all as before; not a byte of the lake has changed.",
            )
        )
    else:
        emit(
            say(
                f"✔ {feed_id} 在 {first} 至 {last} 没有收到过文件。jgt feed list 看它最近何时报送。",
                f"✔ nothing of {feed_id} was received from {first} to {last}; see jgt feed list.",
            )
        )
