"""A feed of plain text columns, for tests of what readers make of a file's form."""

from __future__ import annotations

from dataclasses import replace

from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column, Feed


def text_feed(*labels: str) -> Feed:
    """Required text columns a, b, c … under these labels; form, encoding and delimiter are told from the content."""
    columns = tuple(
        Column(chr(ord("a") + n), label, "string", "VARCHAR", required=True) for n, label in enumerate(labels)
    )
    return replace(
        load_feeds()["yjgl.inspection"],
        columns=columns,
        format=None,
        encoding=None,
        delimiter=None,
        date_orders=(),
        version_column=None,
        file_pattern="检查_*",
    )
