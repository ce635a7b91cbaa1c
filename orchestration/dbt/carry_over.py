"""What a build carries over from the last good one instead of computing it anew, and what that is allowed by.

The latest version of every key of a large feed (dbt's incremental models) depends on the lake alone. A run copies these
tables from the last published build into its own new file and lists the batches that they have not seen; dbt then looks
at those alone. What was seen is known batch by batch with its sha256, not by a date, so corrections that come late and
days filled in afterwards are exact. A table is built anew wherever that does not hold: a batch it has seen changed or
went, the code that makes it changed, most of it is new, or a person asked for it.

The last good build's file is only read; a run that fails or is killed leaves it as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from dashboards.published.manifest import meta_of, nodes_of, table_key
from ingest.base.engine_limits import engine_limits
from ingest.base.files import sha256_of, write_text
from ingest.base.home import Home
from ingest.base.sql import identifier, literal
from ingest.storage.ledger_reads import read_batches
from ingest.storage.ledger_tables import Batch
from orchestration.dbt.changes import Changes, changes, reached_macros, signatures_of, source_contents
from orchestration.language import say
from orchestration.state.run_folder import RunFolder, last_good_link
from quality.outcome import CheckResult, read_results

STATE: Final = "state.json"
# a first load or a backlog is built anew: exchanging most of a table saves nothing; a bound, not a measurement
MOST_NEW: Final = 0.25


@dataclass(frozen=True)
class CarriedModel:
    """An incremental model: its table, the feeds it reads, and the fingerprint of the code that makes it."""

    table: str
    feeds: frozenset[str]
    code: str


@dataclass(frozen=True)
class Increment:
    """What one build does with the incremental models.

    `carried`: table → how many batches it has not seen. `anew`: table → why it is built from nothing. `unseen`: the ids of
    those batches. `source`: the run whose build is carried over; empty when nothing is.
    """

    carried: Mapping[str, int] = field(default_factory=dict)
    anew: Mapping[str, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    source: str = ""

    def told(self) -> str:
        """One line for people."""
        parts = []
        if self.carried:
            parts.append(
                say(
                    f"沿用第 {self.source} 轮的 {len(self.carried)} 张最新状态表，只算 {len(self.unseen)} 个新批次",
                    f"{len(self.carried)} tables of latest versions carried over from run {self.source}, "
                    f"{len(self.unseen)} new batches",
                )
            )
        for reason in sorted(set(self.anew.values())):
            tables = sorted(table.split(".")[1] for table, why in self.anew.items() if why == reason)
            named = "、".join(tables) if len(tables) <= 3 else say(f"{len(tables)} 张表", f"{len(tables)} tables")
            parts.append(say(f"全量重算 {named}：{reason}", f"built anew {named}: {reason}"))
        return "；".join(parts)


def carried_models(manifest: Mapping[str, Any]) -> list[CarriedModel]:
    """The incremental models of the project, by table.

    Args:
        manifest: dbt's manifest.
    """
    models = []
    for node in nodes_of(manifest, "model"):
        if node["config"]["materialized"] == "incremental":
            unique_id = node["unique_id"]
            above = ancestors(manifest, unique_id).values()
            feeds = {str(meta_of(n)["feed"]) for n in above if n["resource_type"] == "source"}
            code = hashlib.sha256(f"{duckdb.__version__}\n{code_of(manifest, unique_id)}".encode()).hexdigest()
            models.append(CarriedModel(table_key(node), frozenset(feeds), code))
    return sorted(models, key=lambda m: m.table)


def code_of(manifest: Mapping[str, Any], unique_id: str) -> str:
    """All that decides what a model holds, as text: SQL, macros (the contracts' maps are among them), columns, key.

    Args:
        manifest: dbt's manifest.
        unique_id: the model.
    """
    nodes = {unique_id: manifest["nodes"][unique_id], **ancestors(manifest, unique_id)}
    parts: list[Any] = []
    macros: set[str] = set()
    for name in sorted(nodes):
        node = nodes[name]
        columns = sorted((c["name"], str(c["data_type"])) for c in node["columns"].values())
        settings = node["config"].get("unique_key"), node["config"].get("incremental_strategy")
        parts.append([name, node.get("raw_code"), columns, settings])
        macros |= set(node.get("depends_on", {}).get("macros", []))
    parts += [[name, manifest["macros"][name]["macro_sql"]] for name in reached_macros(manifest["macros"], macros)]
    return json.dumps(parts, ensure_ascii=False)


def ancestors(manifest: Mapping[str, Any], unique_id: str) -> dict[str, Any]:
    """Every node and source that a model is made of, directly or not, by id."""
    everything = {**manifest["nodes"], **manifest["sources"]}
    found: dict[str, Any] = {}
    waiting = list(everything[unique_id]["depends_on"]["nodes"])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = everything[name]
            waiting += everything[name].get("depends_on", {}).get("nodes", [])
    return found


def plan(home: Home, manifest: Mapping[str, Any], full_refresh: bool = False) -> Increment:
    """Decide what the next build carries over from the last good one.

    Args:
        home: state folder.
        manifest: dbt's manifest.
        full_refresh: build everything from nothing.

    Returns:
        The decision; nothing is carried where there is no good build to carry from.
    """
    models = carried_models(manifest)
    if full_refresh:
        return Increment(anew=dict.fromkeys((m.table for m in models), say("按要求", "asked for")))
    state = _last_state(home)
    if state is None:
        reason = say("没有可沿用的上一次构建", "there is no earlier build to carry over")
        return Increment(anew=dict.fromkeys((m.table for m in models), reason))
    batches = [b for b in read_batches(home) if b.lake_file] if home.ledger.is_file() else []
    carried: dict[str, int] = {}
    anew: dict[str, str] = {}
    unseen: set[str] = set()
    for model in models:
        own = [b for b in batches if b.feed in model.feeds]
        reason = _reason_against(model, own, state)
        if reason:
            anew[model.table] = reason
            continue
        seen = {batch for feed in model.feeds for batch in state["batches"].get(feed, {})}
        new = [b.batch_id for b in own if b.batch_id not in seen]
        carried[model.table] = len(new)
        unseen |= set(new)
    return Increment(carried, anew, tuple(sorted(unseen)), state["run_id"] if carried else "")


def _reason_against(model: CarriedModel, batches: Sequence[Batch], state: Mapping[str, Any]) -> str:
    """Why a table of the last good build cannot be carried over; empty when it can."""
    if model.table not in state["tables"]:
        return say("上一次构建没有这张表", "the last build has no such table")
    if state["tables"][model.table] != model.code:
        return say("模型、合同或引擎已更改", "its model, its contracts or the engine changed")
    now = {(b.feed, b.batch_id): b.lake_sha256 for b in batches}
    for feed in sorted(model.feeds):
        for batch, sha256 in sorted(state["batches"].get(feed, {}).items()):
            if now.get((feed, batch)) != sha256:
                return say(f"已用过的批次 {batch} 变了或没有了", f"batch {batch}, seen before, changed or is gone")
    seen = {(feed, batch) for feed in model.feeds for batch in state["batches"].get(feed, {})}
    new = sum(b.loaded for b in batches if (b.feed, b.batch_id) not in seen)
    if new > MOST_NEW * sum(b.loaded for b in batches):
        return say("新到的行太多，全量更省", "so much is new that building it anew costs less")
    return ""


def plan_changes(
    home: Home, manifest: Mapping[str, Any], as_of: date, full_refresh: bool = False, coming: Collection[str] = ()
) -> Changes:
    """Decide which nodes the next build makes and which it keeps with the file of the last good one.

    Args:
        home: state folder.
        manifest: dbt's manifest.
        as_of: the data date.
        full_refresh: make everything.
        coming: feeds with files that are not taken in yet; they, and the ledger, count as changed (`jgt run --plan`).
    """
    batches = read_batches(home) if home.ledger.is_file() else []
    settings = (home.dbt_project / "dbt_project.yml").read_text("utf-8")
    contents = source_contents(manifest, batches, home.lake)
    for name, source in manifest["sources"].items():
        if coming and (source["source_name"] == "ledger" or meta_of(source).get("feed") in coming):
            contents[name] = lambda columns: "coming"
    signatures = signatures_of(manifest, contents, as_of, settings)
    state = None if full_refresh else _last_state(home)
    if state is None:
        return changes(signatures, {}, "")
    judged = {result.check_id for result in _last_results(home)}
    unjudged = [name for name in signatures if name.startswith("test.") and name not in judged]
    return changes(signatures, state.get("nodes", {}), state["run_id"], unjudged)


def _last_state(home: Home) -> dict[str, Any] | None:
    """What the last good build's tables have seen; None when there is no such build, or not whole any more."""
    folder = last_good_link(home)
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_text("utf-8"))
        whole = (folder / "jgt.duckdb").stat().st_size == state["bytes"]
    except (OSError, ValueError, KeyError):
        return None
    return state if whole else None


def carry(
    home: Home,
    build_file: Path,
    increment: Increment,
    planned: Changes | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> tuple[Increment, Changes]:
    """Begin the build file: with the carried tables alone, or as a copy of the last good one where most of it is kept.

    Args:
        home: state folder.
        build_file: must not exist yet.
        increment: what `plan` decided.
        planned: what `plan_changes` decided; default: everything is made.
        manifest: dbt's manifest, where anything is kept.

    Returns:
        The same, or with nothing carried and nothing kept when the last good build cannot be read: its blocks carry
        checksums.
    """
    planned = planned or Changes()
    last = last_good_link(home) / build_file.name
    try:
        if planned.kept and manifest is not None:
            _copy_whole(last, build_file)
        settings = {**engine_limits().settings(), "preserve_insertion_order": "false"}
        with duckdb.connect(str(build_file), config=dict(settings)) as connection:
            connection.execute("create schema if not exists state")
            connection.execute("create or replace table state.unseen_batch (batch_id varchar)")
            connection.execute("insert into state.unseen_batch select unnest(?::varchar[])", [list(increment.unseen)])
            if planned.kept and manifest is not None:
                _drop_what_is_not_kept(connection, manifest, increment)
            elif increment.carried:
                _copy_tables(connection, last, list(increment.carried))
    except (duckdb.Error, OSError, ValueError):
        build_file.unlink(missing_ok=True)
        build_file.with_name(build_file.name + ".wal").unlink(missing_ok=True)
        if not increment.carried and not planned.kept:
            raise
        reason = say("上一次构建的文件读不出", "the last build's file cannot be read")
        anew = Increment(anew={**increment.anew, **dict.fromkeys(increment.carried, reason)})
        return carry(home, build_file, anew, changes(planned.signatures, {}, ""))
    return increment, planned


def _copy_whole(last: Path, build_file: Path) -> None:
    """Copy the last good build's file; its bytes are those that were published.

    Raises:
        ValueError: they are not: a damaged block of a table that nobody reads would otherwise live on.
    """
    shutil.copyfile(last, build_file)
    if sha256_of(build_file) != json.loads((last.parent / STATE).read_text("utf-8")).get("sha256"):
        raise ValueError(f"{last.name}: sha256")


def _copy_tables(connection: duckdb.DuckDBPyConnection, last: Path, tables: Sequence[str]) -> None:
    connection.execute(f"attach {literal(last.resolve())} as last_good (read_only)")
    for table in tables:
        schema, name = (identifier(part) for part in table.split("."))
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create table {schema}.{name} as select * from last_good.{schema}.{name}")
    connection.execute("detach last_good")


def _drop_what_is_not_kept(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], increment: Increment
) -> None:
    """Drop what the project no longer has, and the incremental tables that are to be built from nothing."""
    wanted = {table_key(node) for node in nodes_of(manifest, "model", "seed")} - set(increment.anew)
    there = connection.execute(
        "select table_schema || '.' || table_name, table_type from information_schema.tables where table_schema <> 'state'"
    ).fetchall()
    for name, kind in there:
        if name not in wanted:
            quoted = ".".join(identifier(part) for part in name.split("."))
            connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {quoted}")


def kept_results(home: Home, planned: Changes, run_id: str) -> list[CheckResult]:
    """The results of the tests whose tables are kept, as of this run: the same rows, judged by the same test.

    Args:
        home: state folder; its last good build is the one that is kept.
        planned: what this build makes and keeps.
        run_id: of this run.
    """
    if not planned.kept:
        return []
    return [replace(result, run_id=run_id) for result in _last_results(home) if result.check_id in planned.kept]


def _last_results(home: Home) -> list[CheckResult]:
    """What dbt's tests said of the last good build."""
    checks = last_good_link(home) / "checks"
    return read_results(checks, "dbt") if (checks / "dbt.parquet").exists() else []


def note_state(
    home: Home, folder: RunFolder, manifest: Mapping[str, Any], signatures: Mapping[str, str] | None = None
) -> None:
    """Keep, before dbt begins, what this build will have seen; it counts once `keep` says that the build is good.

    Args:
        home: state folder; the run holds its writer's lock, so nothing is taken in meanwhile.
        folder: the run's.
        manifest: dbt's manifest.
        signatures: of its nodes (`plan_changes`); without them the next build keeps none.
    """
    models = carried_models(manifest)
    feeds = frozenset().union(*(m.feeds for m in models))
    seen: dict[str, dict[str, str | None]] = {feed: {} for feed in sorted(feeds)}
    for batch in read_batches(home) if home.ledger.is_file() else []:
        if batch.lake_file and batch.feed in feeds:
            seen[batch.feed][batch.batch_id] = batch.lake_sha256
    state = {"run_id": folder.run_id, "tables": {m.table: m.code for m in models}, "batches": seen}
    state |= {"nodes": dict(signatures or {})}
    write_text(folder.root / STATE, json.dumps(state, indent=1))


def noted_signatures(folder: RunFolder) -> dict[str, str]:
    """The signatures that `note_state` kept for a run, by unique id; empty when it kept none."""
    path = folder.root / STATE
    return dict(json.loads(path.read_text("utf-8")).get("nodes", {})) if path.exists() else {}


def keep(home: Home, folder: RunFolder) -> None:
    """Make a published run's build the one that the next is carried over from; one atomic switch.

    Args:
        home: state folder.
        folder: of the run that was published.
    """
    path = folder.root / STATE
    state = json.loads(path.read_text("utf-8"))
    state |= {"bytes": folder.build_file.stat().st_size, "sha256": sha256_of(folder.build_file)}
    write_text(path, json.dumps(state, indent=1))
    link = last_good_link(home)
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(folder.run_id)
    new.replace(link)
