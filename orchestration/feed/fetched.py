"""A sample that was fetched, and the error when it could not be. Secrets are neither shown nor written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.base.errors import ShownError


class FeedError(ShownError, ValueError):
    """A feed command that cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Fetched:
    """A sample at hand.

    Args:
        path: the file.
        file_name: what it is called.
        folder: where it lay, if it was a file of this machine.
        servers: what the contract says of the place it is pulled from.
    """

    path: Path
    file_name: str
    folder: Path | None = None
    servers: tuple[Mapping[str, Any], ...] = ()


def without_password(source: str) -> str:
    """A URL or DSN as it may be shown."""
    bare = re.sub(r"(?<=://)[^@/\s]*@", "", source)
    named = r"([?&][^=&\s]*(?:password|passwd|pwd|secret|token|appkey|authorization)[^=&\s]*=)[^&\s]*"
    return re.sub(named, r"\1***", bare, flags=re.IGNORECASE)
