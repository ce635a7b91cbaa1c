"""Errors that already say what, where, why and what to do: the command line shows them without a traceback."""

from __future__ import annotations

import sys

# module → exception; a class is looked up only when its module was imported, so that showing help stays quick
_EXPECTED = (
    ("ingest.feeds.model", "ContractError"),
    ("orchestration.operate.demo", "NotTheDemo"),
    ("orchestration.operate.serve", "NothingToServe"),
    ("orchestration.operate.processes", "PortTaken"),
    ("orchestration.operate.processes", "ServerDied"),
    ("orchestration.state.run_folder", "WriterBusy"),
    ("orchestration.state.new_files", "LedgerUnreadable"),
    ("orchestration.steward.quarantine", "QuarantineError"),
    ("ingest.correcting.backfill", "BackfillRefused"),
    ("orchestration.run.daily", "RunNotBegun"),
    ("orchestration.run.daily", "DiskFull"),
    ("orchestration.dbt.call", "DbtFailed"),
    ("orchestration.publish.publishing", "PublishingError"),
    ("orchestration.lookup.connection", "WarehouseError"),
    ("orchestration.operate.docs", "NoDictionary"),
    ("orchestration.feed.new", "FeedError"),
    ("ingest.matching.decisions", "DecisionRefused"),
    ("orchestration.steward.match", "NothingMatched"),
    ("ingest.base.reasons", "RefusedFile"),
)


def expected_errors() -> tuple[type[BaseException], ...]:
    """The expected errors among the modules that are loaded."""
    found = (getattr(sys.modules.get(module), name, None) for module, name in _EXPECTED)
    return tuple(e for e in found if e is not None)
