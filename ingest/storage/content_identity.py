"""Is a file's content on the ledger already? One answer for the intake and for whoever asks whether anything is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ingest.base.clock import city_day


def zero_report_id(sha256: str, day: date) -> str:
    """The identity of a file without records: its content says "nothing happened", so the day belongs to it."""
    return f"{sha256}:{day.isoformat()}"


def report_day(data_until: date | None, changed_at: float) -> date:
    """The day a file speaks of: the date in its name, else the day in the city when it was last written."""
    return data_until or city_day(changed_at)


def is_known(sha256: str, taken: Iterable[Mapping[str, Any]], day: date) -> bool:
    """Whether a file with this content is nothing new.

    Records are known by their content, whatever day and name they come under again. A file without any is known only
    for the day it was sent for: tomorrow the same bytes are tomorrow's report of nothing.

    Args:
        sha256: of the file.
        taken: batches of the same feed with this sha256: received, status, data_until and, but for ledgers of before
            2026-11, content_id and kind.
        day: `report_day` of the file.
    """
    seen = list(taken)
    zero = [b for b in seen if b["status"] == "loaded" and not b["received"] and b.get("kind") != "redrive"]
    if len(zero) < len(seen):
        return True
    return zero_report_id(sha256, day) in {
        b.get("content_id") if ":" in str(b.get("content_id")) else f"{sha256}:{b['data_until']}" for b in zero
    }
