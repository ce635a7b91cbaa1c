"""A file is a pull of ours only when a server of the feed's own contract is named in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.feeds.file_names import is_pulled, pulled_name
from tests.support.pulled_feed import properties, pulled_feed

SERVERS = ("frontdb", "front-db_2")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("抽查记录_frontdb_20261122T053000.parquet", True),
        ("旧名称_frontdb_20261122T053000.parquet", True),
        ("抽查记录_front-db_2_20261122T053000.parquet", True),
        ("检查_20261120T101010.parquet", False),
        ("检查_other_20261120T101010.parquet", False),
        ("抽查记录_frontdb_20261122T053000.csv", False),
        ("抽查记录_frontdb_20261122.parquet", False),
        ("frontdb_20261122T053000.parquet", False),
    ],
)
def test_the_server_in_the_name_is_one_of_the_contract(tmp_path: Path, name: str, is_one: bool) -> None:
    servers = [
        {
            "server": server,
            "type": "postgres",
            "host": "127.0.0.1",
            "port": 5432,
            "database": "exchange",
            "customProperties": properties(table="check"),
        }
        for server in SERVERS
    ]
    assert is_pulled(name, pulled_feed(tmp_path, *servers)) is is_one


def test_what_we_name_is_recognised(tmp_path: Path) -> None:
    server = {
        "server": "frontdb",
        "type": "postgres",
        "host": "127.0.0.1",
        "port": 5432,
        "database": "exchange",
        "customProperties": properties(table="check"),
    }
    feed = pulled_feed(tmp_path, server)
    assert is_pulled(pulled_name(feed.label, "frontdb", datetime(2026, 11, 22, 5, 30)), feed)
