"""Which models, seeds and data tests a build makes, and which it keeps from the last published build.

A node's signature is a hash of all that decides what it holds: its code and settings, the macros it reaches, the engine, the data date
where it asks for it, and the signatures of what it is made of, down to the batches of a feed. Same signature, same rows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from dashboards.published.manifest import meta_of, nodes_of
from ingest.base.files import sha256_of
from ingest.base.sql import identifier, literal, memory_connection
from ingest.storage.ledger_tables import Batch
from orchestration.language import say

PACKAGE: Final = "jgt"
BUILT_KINDS: Final = ("model", "seed", "test")
# beyond this share of the models a new file costs less than a copy of the old one in which most is replaced
MOST_BUILT: Final = 0.6
# what says that a result depends on the day or the moment of the run
_DAY_MARKS: Final = ("JGT_AS_OF", "run_started_at")
_ENGINE: Final = tuple(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dbt-duckdb"))
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
# settings that say nothing of a node's rows
_WORDS: Final = frozenset({"meta", "docs", "persist_docs", "tags", "group", "description"})


@dataclass(frozen=True)
class Changes:
    """What one build makes.

    Args:
        signatures: of every model, seed and data test, by unique id.
        built: those that this build makes.
        kept: those that it keeps; empty when it makes everything in a new file.
        source: the run whose build they are kept from.
    """

    signatures: Mapping[str, str] = field(default_factory=dict)
    built: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    source: str = ""

    def told(self) -> str:
        """One line for people; empty when everything is made."""
        if not self.kept:
            return ""
        made, kept = (sum(n.startswith("model.") for n in nodes) for nodes in (self.built, self.kept))
        tests = sum(n.startswith("test.") for n in self.built)
        return say(
            f"只算有变化的：{made} 个模型、{tests} 项检查；沿用第 {self.source} 轮的 {kept} 个模型",
            f"only what changed: {made} models, {tests} tests; {kept} models kept from run {self.source}",
        )


def changes(
    signatures: Mapping[str, str], last: Mapping[str, str], source: str, without_result: Iterable[str] = ()
) -> Changes:
    """What has to be made, given what the last published build was made of.

    Args:
        signatures: of today's project and lake (`signatures_of`).
        last: those of the last published build; empty when there is none to keep from.
        source: its run.
        without_result: tests of which that build left no result.
    """
    again = frozenset(without_result)
    built = frozenset(name for name, sign in signatures.items() if last.get(name) != sign or name in again)
    models = [name for name in signatures if name.startswith("model.")]
    if not last or sum(name in built for name in models) > MOST_BUILT * len(models):
        return Changes(signatures, frozenset(signatures))
    return Changes(signatures, built, frozenset(signatures) - built, source)


# the columns that a node reads of a source, None: it may read all → signature of what lies there
Content = Callable[[frozenset[str] | None], str]


def signatures_of(
    manifest: Mapping[str, Any], sources: Mapping[str, Content], as_of: date, project: str = ""
) -> dict[str, str]:
    """The signature of every model, seed and data test.

    Args:
        manifest: dbt's.
        sources: content of every source, by unique id (`source_contents`).
        as_of: the data date.
        project: what else decides, as text: the project's settings with their variables.
    """
    found: dict[str, str] = {}
    nodes = {n["unique_id"]: n for n in nodes_of(manifest, *BUILT_KINDS)}

    def sign(name: str) -> str:
        if name not in found:
            node = nodes[name]
            parents = [
                sources[parent](columns_read(manifest, node, parent)) if parent in sources else sign(parent)
                for parent in sorted(set(node["depends_on"].get("nodes", [])))
            ]
            code = own_code(manifest, node)
            day = as_of.isoformat() if any(mark in code for mark in _DAY_MARKS) else ""
            found[name] = _hash([_ENGINE, project, code, day, parents])
        return found[name]

    return {name: sign(name) for name in nodes}


def in_order(manifest: Mapping[str, Any], names: Iterable[str]) -> list[Mapping[str, Any]]:
    """The models and seeds among these nodes, each after those that it is made of."""
    wanted = {name for name in names if not name.startswith("test.")}
    found: dict[str, Mapping[str, Any]] = {}

    def add(name: str) -> None:
        if name in wanted and name not in found:
            node = manifest["nodes"][name]
            for parent in sorted(node["depends_on"].get("nodes", [])):
                add(parent)
            found[name] = node

    for name in sorted(wanted):
        add(name)
    return list(found.values())


def own_code(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    """All of a node's own that decides what it holds, as text: SQL or file, settings, columns, the macros it reaches."""
    columns = sorted((c["name"], str(c.get("data_type"))) for c in node["columns"].values())
    settings = {name: value for name, value in node["config"].items() if name not in _WORDS}
    macros = reached_macros(manifest["macros"], node["depends_on"].get("macros", []))
    parts = [
        node.get("raw_code"),
        _file_checksum(node),
        node.get("test_metadata"),
        columns,
        settings,
        [[name, manifest["macros"][name]["macro_sql"]] for name in macros],
    ]
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)


def _file_checksum(node: Mapping[str, Any]) -> Any:
    """dbt's own; of a seed above 1 MB it knows the path alone."""
    checksum = node.get("checksum") or {}
    if checksum.get("name") == "path":
        return sha256_of(Path(node["root_path"]) / node["original_file_path"])
    return checksum


def reached_macros(macros: Mapping[str, Any], first: Iterable[str]) -> Iterator[str]:
    """Our own macros that these call, directly or not, in order of name; an engine's variants are taken together."""
    found: set[str] = set()
    waiting = set(first)
    while waiting:
        name = waiting.pop()
        if name in found or name not in macros or macros[name]["package_name"] != PACKAGE:
            continue
        found.add(name)
        waiting |= set(macros[name]["depends_on"]["macros"])
        own = name.rpartition(".")[2]
        waiting |= {m for m in macros if m.endswith(f"__{own}") and m.startswith(f"macro.{PACKAGE}.")}
    yield from sorted(found)


def columns_read(manifest: Mapping[str, Any], node: Mapping[str, Any], source: str) -> frozenset[str] | None:
    """The columns of a source that a node's own SQL names; None when it may read them all.

    A count that changes every day, and that no model reads, must not make everything anew.
    """
    code = _COMMENT.sub(" ", str(node.get("raw_code") or ""))
    declared = manifest["sources"][source]["columns"]
    if not declared or "*" in code or list(reached_macros(manifest["macros"], node["depends_on"].get("macros", []))):
        return None
    return frozenset(set(re.findall(r"\w+", code)) & set(declared))


def source_contents(manifest: Mapping[str, Any], batches: Sequence[Batch], lake: Path) -> dict[str, Content]:
    """What lies in every source: a feed's batches by the ledger, of all other files the bytes or the columns read.

    Args:
        manifest: dbt's; each source names its place in `external_location`.
        batches: of the ledger.
        lake: the state folder's. The manifest may still name the place where the folder was before it was moved.
    """
    own: dict[str, list[tuple[str, str]]] = {}
    for batch in batches:
        if batch.lake_file:
            own.setdefault(batch.feed, []).append((batch.batch_id, str(batch.lake_sha256)))
    found: dict[str, Content] = {}
    for name, source in manifest["sources"].items():
        meta = meta_of(source)
        place = _below(lake, str(meta["external_location"]))
        if "feed" in meta:
            found[name] = _of_feed(place, sorted(own.get(str(meta["feed"]), [])))
        else:
            found[name] = _of_files(place)
    return found


def _below(lake: Path, location: str) -> Path:
    """Where the files of an `external_location` lie today; it may end in a pattern."""
    found = re.search(r"'([^']+)'", location)
    if found is None:
        raise ValueError(f"external_location: {location}")
    parts = Path(found[1]).parts
    last = max(place for place, part in enumerate(parts) if part == lake.name)
    return lake.joinpath(*parts[last + 1 :])


def _of_feed(place: Path, held: Sequence[tuple[str, str]]) -> Content:
    """Its batches, and the typed, empty file that is made from the contract."""
    empty = [[file.name, sha256_of(file)] for file in _files(place) if file.name.startswith("_")]
    signature = _hash([str(place), list(held), empty])
    return lambda columns: signature


def _of_files(place: Path) -> Content:
    @cache
    def content(columns: frozenset[str] | None) -> str:
        if columns is None:
            return _hash([str(place), [[file.name, sha256_of(file)] for file in _files(place)]])
        row = f"hash({', '.join(identifier(name) for name in sorted(columns))})"
        with memory_connection() as connection:
            found = connection.execute(
                f"select count(*), bit_xor({row}), sum({row}) from read_parquet({literal(place)})"
            ).fetchall()
        return _hash([str(place), sorted(columns), [str(value) for value in found[0]]])

    return content


def _files(place: Path) -> list[Path]:
    return sorted(place.parent.glob(place.name))


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
