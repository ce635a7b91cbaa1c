"""`jgt docs`: the data dictionary as one web page that needs no server (dbt's static docs)."""

from __future__ import annotations

import shutil
from pathlib import Path

from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from orchestration.dbt import call
from orchestration.language import say


class NoDictionary(ShownError, RuntimeError):
    """There is no build to describe; the message says what to run."""


def write_dictionary(home: Home) -> Path:
    """Write the dictionary of what the last run built.

    Returns:
        The page, `exports/dictionary.html`.

    Raises:
        NoDictionary: nothing was built yet.
        DbtFailed: dbt could not write it.
    """
    builds = sorted(
        (p for p in home.build.glob("*/jgt.duckdb") if not p.parent.is_symlink()), key=lambda p: p.stat().st_mtime
    )
    if not builds:
        raise NoDictionary(
            say("还没有建过仓。先运行 jgt run（或 jgt demo）。", "nothing was built yet. Run jgt run (or jgt demo).")
        )
    call.prepare(home, load_feeds())
    call.run_dbt(home, ["docs", "generate", "--static"], builds[-1])
    home.exports.mkdir(parents=True, exist_ok=True)
    page = home.exports / "dictionary.html"
    shutil.copy(call.target_folder(home) / "static_index.html", page)
    return page
