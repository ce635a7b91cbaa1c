"""What a contract says of an interface (数据共享交换平台), told from one answer of it. No secret is in it, only where one goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ingest.feeds.servers import is_secret_name
from orchestration.feed.fetched import FeedError, without_password
from orchestration.language import say

SERVER = "source"  # its secret is JGT_SECRET_<DEPARTMENT>_SOURCE_TOKEN
_TOTALS = ("total", "totalcount", "total_count", "totalelements", "count", "totalnum", "recordcount")
_NUMBERS = ("pagenum", "pageno", "page", "pageindex", "current", "currentpage", "page_num", "page_no")
_OFFSETS = ("offset", "start", "skip")
_SIZES = ("pagesize", "size", "limit", "rows", "page_size", "per_page")
_CODES = ("code", "status", "resultcode", "errcode")


def server_entry(path: Path, source: str, has_token: bool) -> Mapping[str, Any]:
    """The `servers` entry of an interface.

    Args:
        path: one answer of it, JSON.
        source: the URL that gave it; parameters of pages are recognised by their names.
        has_token: whether the environment holds a token for it.

    Raises:
        FeedError: the answer is no JSON with a list of records, or the URL holds a secret.
    """
    parts = urlsplit(source)
    given = dict(parse_qsl(parts.query))
    secret = next((name for name in given if is_secret_name(name)), None)
    if secret or "@" in parts.netloc:
        raise FeedError(
            say(
                f"{without_password(source)} 里带有密钥（{secret or '用户与口令'}），不写进合同。请从网址里删去，"
                "放进环境变量 JGT_SECRET_<部门>_SOURCE_TOKEN 后再试。",
                f"the URL holds a secret ({secret or 'user'}); leave it out and set JGT_SECRET_<DEPARTMENT>_SOURCE_TOKEN.",
            )
        )
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        document = None
    lists = sorted(_lists(document), key=lambda found: -found[1])
    if not lists:
        raise FeedError(
            say(
                "这个地址的回答不是带记录列表的 JSON，不能作为接口拉取。是文件就不要加 --pull。",
                "the answer is no JSON with a list of records; leave --pull out for a file.",
            )
        )
    where = lists[0][0]
    custom: dict[str, Any] = {"records": ".".join(where)}
    envelopes = [_at(document, where[:depth]) for depth in range(len(where))]
    for depth, envelope in reversed(list(enumerate(envelopes))):
        total = next((k for k, v in envelope.items() if k.lower() in _TOTALS and _is_count(v)), None)
        if total and "total" not in custom:
            custom["total"] = ".".join([*where[:depth], total])
    code = next((k for k in (envelopes[0] if envelopes else {}) if k.lower() in _CODES), None)
    if code and isinstance(envelopes[0][code], str | int):
        custom["success"] = {"path": code, "values": [envelopes[0][code]]}
    pages, rest = _pages(given)
    if pages:
        custom["pages"] = pages
    if rest:
        custom["parameters"] = rest
    if has_token:
        custom["token"] = {"in": "bearer"}
    location = urlunsplit(parts._replace(query="", fragment=""))
    properties = [{"property": name, "value": value} for name, value in custom.items()]
    return {"server": SERVER, "type": "api", "location": location, "customProperties": properties}


def _lists(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """(path, records) of every list of objects below objects."""
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        yield path, len(value)
    elif isinstance(value, dict) and len(path) < 8:
        for key, inner in value.items():
            if re.fullmatch(r"[^.\s]+", key):
                yield from _lists(inner, (*path, key))


def _at(document: Any, path: tuple[str, ...]) -> dict[str, Any]:
    for key in path:
        document = document[key]
    return dict(document)


def _is_count(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdigit())


def _pages(given: Mapping[str, str]) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """How pages are asked for, by the names of the parameters; and the parameters that are left."""
    size = next((name for name in given if name.lower() in _SIZES), None)
    number = next((name for name in given if name.lower() in _NUMBERS and given[name].isdigit()), None)
    offset = next((name for name in given if name.lower() in _OFFSETS and given[name].isdigit()), None)
    named = number or offset
    if not named:
        return None, dict(given)
    pages: dict[str, Any] = {"style": "number" if number else "offset", "parameter": named, "first": int(given[named])}
    if size:
        pages["sizeParameter"] = size
        if given[size].isdigit():
            pages["size"] = int(given[size])
    return pages, {name: value for name, value in given.items() if name not in (named, size)}
