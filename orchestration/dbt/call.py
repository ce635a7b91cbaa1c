"""How dbt is called: the state folder's project assembled and parsed once, and built in a process of its own.

Only a subprocess ever opens the build file for writing, so no connection outlives it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, DbtCliResource
from packaging.version import Version

from ingest.base.engine_limits import engine_limits
from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.feeds.model import Feed
from orchestration.language import say
from orchestration.state.run_folder import RunFolder, writing_file


class DbtFailed(ShownError, RuntimeError):
    """dbt could not parse or build; the message carries what dbt said."""


class SeparateDbt(DbtCliResource):
    """dagster-dbt's resource without dbt's adapter in the Dagster process.

    The adapter serves row counts that we do not fetch, costs 2 CPU-s (2026-11) and would hold the build file open.
    """

    @property
    def _cli_version(self) -> Version:
        """Of dbt in this environment: asking the command itself starts dbt once more, 2 CPU-s (2026-12)."""
        return Version(version("dbt-core"))

    def chosen(
        self,
        arguments: list[str],
        context: Any,
        manifest: Mapping[str, Any],
        translator: DagsterDbtTranslator,
        target: Path,
    ) -> DbtCliInvocation:
        """Call dbt for the nodes that the arguments name; with the context, dagster-dbt would add all nodes to them.

        Args:
            arguments: `build_arguments`.
            context: of the `@dbt_assets` function, to which the events belong.
            manifest: dbt's manifest.
            translator: of the `@dbt_assets` definition.
            target: folder of this call's artifacts.
        """
        called = self.cli(arguments, manifest=manifest, dagster_dbt_translator=translator, target_path=target)
        called.context = context
        return called

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        return None


def dbt_executable() -> str:
    """dbt of the environment that this process runs in."""
    return str(Path(sys.executable).with_name("dbt"))


def target_folder(home: Home) -> Path:
    """Where the parsed project (manifest, partial parse) of this state folder lies."""
    return home.build / "dbt"


def manifest_path(home: Home) -> Path:
    """dbt's manifest: what Dagster, Great Expectations, the publisher and Superset read."""
    return target_folder(home) / "manifest.json"


def environment(home: Home, build_file: Path, as_of: date | None = None, is_carried: bool = False) -> dict[str, str]:
    """The variables that `profiles.yml`, the generated sources and the models ask for.

    `is_carried`: whether incremental models build on the tables in the file (`increments`), or are made anew.
    """
    limits = engine_limits()
    return {
        "JGT_MEMORY_LIMIT": limits.memory_limit,
        "JGT_ENGINE_THREADS": str(limits.threads),
        "JGT_CARRIED": "1" if is_carried else "",
        "JGT_LAKE": str(home.lake),
        "JGT_BUILD_FILE": str(build_file),
        "JGT_AS_OF": as_of.isoformat() if as_of else "",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }


@contextmanager
def environment_set(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for what is called inside (dagster-dbt takes its environment from the process)."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def prepare(home: Home, feeds: Mapping[str, Feed]) -> Path:
    """Assemble the dbt project under the state folder and parse it, unless nothing changed since.

    Returns:
        The manifest's path.

    Raises:
        DbtFailed: dbt does not parse; with its own words.
    """
    from orchestration.dbt.project import assembled, fingerprint, write

    target, manifest = target_folder(home), manifest_path(home)
    target.mkdir(parents=True, exist_ok=True)
    with (target / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Dagster's processes begin together, and each prepares
        files = assembled(feeds)
        write(files, home.dbt_project)
        stamp, wanted = target / "fingerprint", fingerprint(files)
        if not (manifest.exists() and stamp.exists() and stamp.read_text("utf-8") == wanted):
            run_dbt(home, ["parse"], writing_file(home))
            stamp.write_text(wanted, "utf-8")
    return manifest


def run_dbt(
    home: Home,
    arguments: list[str],
    build_file: Path,
    as_of: date | None = None,
    is_carried: bool = False,
) -> str:
    """Call dbt on the state folder's project and wait for it; `as_of` and `is_carried` as in `environment`.

    Returns:
        What it printed.

    Raises:
        DbtFailed: with the last lines of what dbt said.
    """
    command = [dbt_executable(), "--no-use-colors", *arguments]
    command += ["--project-dir", str(home.dbt_project), "--profiles-dir", str(home.dbt_project)]
    command += ["--target-path", str(target_folder(home)), "--log-path", str(target_folder(home))]
    done = subprocess.run(
        command,
        cwd=home.dbt_project,
        env={**os.environ, **environment(home, build_file, as_of, is_carried)},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise DbtFailed(say(f"dbt {arguments[0]} 未成功：\n{tail}", f"dbt {arguments[0]} failed:\n{tail}"))
    return done.stdout


def build_arguments(names: Iterable[str] = ()) -> list[str]:
    """The arguments of the one build call.

    Unit tests judge the rules, not the day's data: `make test` runs them, the day's build saves their 6 CPU-s (2026-11).

    Args:
        names: of the models, seeds and tests to be made; none: all.
    """
    chosen = " ".join(sorted(names))
    selection = ["--select", chosen, "--indirect-selection", "empty"] if chosen else []
    # every statement in a file of 8 MB took 4 CPU-s of a whole build (2026-12); errors stand in it all the same
    return ["build", *selection, "--exclude-resource-type", "unit_test", "--log-level-file", "info"]


def bring_partial_parse(home: Home, folder: RunFolder) -> None:
    """Start the run's target with what the last parse found, so that dbt parses only what changed."""
    folder.target.mkdir(parents=True, exist_ok=True)
    parsed = target_folder(home) / "partial_parse.msgpack"
    if parsed.exists():
        shutil.copy(parsed, folder.target / parsed.name)
