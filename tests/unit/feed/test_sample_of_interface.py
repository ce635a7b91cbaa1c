"""What `jgt feed new --pull` writes of an interface, told from one answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.feeds.servers import Database
from ingest.pulls.any_database import open_source
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import PullFailed
from orchestration.feed.fetched import FeedError
from orchestration.feed.sample_of_interface import server_entry

ROWS = [{"check_id": 1, "tags": [{"a": 1}]}, {"check_id": 2, "tags": []}]


def entry(folder: Path, document: Any, url: str, has_token: bool = False) -> dict[str, Any]:
    path = folder / "answer.json"
    path.write_text(json.dumps(document), "utf-8")
    told = server_entry(path, url, has_token)
    return {**told, **{p["property"]: p["value"] for p in told["customProperties"]}}


def test_records_total_success_pages_and_fixed_parameters_are_told(tmp_path: Path) -> None:
    document = {"code": 200, "msg": "ok", "data": {"list": ROWS, "total": "57", "pages": 29}}
    told = entry(tmp_path, document, "https://x.example/api/checks?kind=inspection&pageNum=1&pageSize=2", True)
    assert told["location"] == "https://x.example/api/checks"
    assert (told["records"], told["total"]) == ("data.list", "data.total")
    assert told["success"] == {"path": "code", "values": [200]}
    assert told["pages"] == {
        "style": "number",
        "parameter": "pageNum",
        "first": 1,
        "sizeParameter": "pageSize",
        "size": 2,
    }
    assert told["parameters"] == {"kind": "inspection"}
    assert told["token"] == {"in": "bearer"}


def test_a_total_above_the_records_and_offsets(tmp_path: Path) -> None:
    told = entry(tmp_path, {"totalCount": 2, "rows": ROWS}, "https://x.example/a?offset=0&limit=100")
    assert (told["records"], told["total"]) == ("rows", "totalCount")
    assert told["pages"]["style"] == "offset"
    assert "token" not in told and "parameters" not in told and "success" not in told


@pytest.mark.parametrize(
    "url", ["https://x.example/a?access_token=t0p", "https://u:t0p@x.example/a", "https://x.example/a?appKey=t0p"]
)
def test_a_secret_in_the_url_is_neither_written_nor_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(FeedError, match="JGT_SECRET") as refusal:
        entry(tmp_path, {"data": ROWS}, url)
    assert "t0p" not in str(refusal.value)


@pytest.mark.parametrize("document", ["<html>", [], {"data": {"list": []}}, {"data": [1, 2]}])
def test_an_answer_without_records_is_no_interface(tmp_path: Path, document: Any) -> None:
    with pytest.raises(FeedError, match="不能作为接口"):
        entry(tmp_path, document, "https://x.example/a")


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("dm+dmPython://10.1.2.3:5236/", "dmPython"),
        ("oracle+oracledb://10.1.2.3:1521/?service_name=x", "oracledb"),
        ("kingbase+ksycopg2://10.1.2.3:54321/x", "type: postgres"),
        ("postgresql+psycopg://10.1.2.3/x", "psycopg[binary]"),
        ("nosuch+driver://10.1.2.3/x", "方言+驱动"),
    ],
)
def test_a_missing_driver_is_named_with_what_to_install(url: str, package: str) -> None:
    server = Database("dm", "sqlalchemy", "10.1.2.3", None, None, None, "t", None, None, url=url)
    with (
        pytest.raises(PullFailed, match="没有安装") as failure,
        open_source(server, Secrets("JGT_SECRET_X_DM_", {"PASSWORD": "s3cret"})),
    ):
        pass
    assert package in str(failure.value)
    assert "s3cret" not in str(failure.value)
