"""What a run would do now, for `jgt run --plan`: which files it would take in, which tables it would make. Nothing is taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dashboards.published.manifest import PUBLISHED_SCHEMAS, read_manifest, table_key
from ingest.base.home import Home
from ingest.feeds.model import Feed
from ingest.storage.landing import feed_of
from orchestration.dbt import call
from orchestration.dbt.carry_over import plan_changes
from orchestration.dbt.changes import Changes, in_order
from orchestration.language import say
from orchestration.state.new_files import new_files

_SHOWN = 12  # tables named in a line


@dataclass(frozen=True)
class RunPlan:
    """What a run would do.

    Args:
        files: feed → new files; under an empty id those that no contract knows.
        changes: what it would build and what it would keep.
        tables: `schema.table` of the models that it would build, each after those that it is made of.
    """

    files: Mapping[str, int]
    changes: Changes
    tables: tuple[str, ...]


def plan_run(home: Home, feeds: Mapping[str, Feed], day: date, full_refresh: bool = False) -> RunPlan:
    """Find out what a run of this day would do.

    A file that turns out to hold nothing new changes less than is told; one that names enterprises never heard of more.

    Args:
        home: state folder.
        feeds: contracts by id.
        day: the data date.
        full_refresh: as `jgt run --full-refresh`.

    Raises:
        DbtFailed: the dbt project does not parse.
    """
    files: Counter[str] = Counter()
    for path in new_files(home):
        feed = feed_of(path.relative_to(home.landing).parts, feeds)
        files[feed.id if feed else ""] += 1
    manifest = read_manifest(call.prepare(home, feeds))
    planned = plan_changes(home, manifest, day, full_refresh, coming={feed for feed in files if feed})
    tables = [table_key(node) for node in in_order(manifest, planned.built) if node["resource_type"] == "model"]
    return RunPlan(dict(files), planned, tuple(tables))


def plan_lines(plan: RunPlan, feeds: Mapping[str, Feed]) -> Iterator[str]:
    """The plan for people, a line each."""
    if not plan.files:
        yield say("收数：没有新文件", "take in: no new files")
    for feed, count in sorted(plan.files.items()):
        label = feeds[feed].label if feed else say("无合同的文件", "files without a contract")
        yield say(f"收数：{label} {count} 个文件", f"take in: {feed or label}, {count} files")
    tests = sum(name.startswith("test.") for name in plan.changes.built)
    kept = sum(name.startswith("model.") for name in plan.changes.kept)
    yield say(
        f"建仓：算 {len(plan.tables)} 个模型、{tests} 项检查，沿用 {kept} 个模型",
        f"build: {len(plan.tables)} models and {tests} tests; {kept} models kept",
    )
    published = [table for table in plan.tables if table.split(".")[0] in PUBLISHED_SCHEMAS]
    if published:
        shown = say("、", ", ").join(published[:_SHOWN])
        rest = say(f" 等 {len(published)} 张", f" and {len(published) - _SHOWN} more")
        yield say("    其中发布的：", "    published among them: ") + shown + (rest if len(published) > _SHOWN else "")
    yield say("以上只是计划，什么也没有改动。执行：jgt run", "This is a plan; nothing was changed. To do it: jgt run")
