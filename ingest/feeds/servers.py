"""What a contract's `servers` say beyond the landing: from which database or interface a feed is pulled, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from ingest.feeds.cursors import Cursor, moment_text, parse_cursor

LANDING = "local"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_KINDS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlalchemy": "sqlalchemy",
}
_PORTS = {"postgres": 5432, "mysql": 3306}
_PAGE_STYLES: dict[str, dict[str, Any]] = {
    "number": {"parameter": "pageNum", "first": 1, "sizeParameter": "pageSize", "size": 500},
    "offset": {"parameter": "offset", "first": 0, "sizeParameter": "limit", "size": 500},
    "cursor": {"parameter": "cursor", "next": "next", "sizeParameter": "limit", "size": 500},
    "link": {"next": "next"},
    "none": {},
}
_TOKEN_PLACES = ("header", "query", "bearer")


class ServerError(ValueError):
    """A server entry that cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Database:
    """A department's database (前置库).

    Args:
        name: of the server; secrets are found by it.
        kind: which driver reads it.
        host: its address.
        port: of the host.
        database: on the server.
        schema: of the table; None is the server's default.
        table: what is read, or
        query: a select of the contract's own.
        cursor: how it is read incrementally; None reads everything each time.
        url: for `sqlalchemy`: the URL without a password.
        tls: of PostgreSQL and MySQL: `verify` checks the server's certificate, `require` only encrypts, None leaves it to both sides.
        ca_file: the root certificate for `verify`.
    """

    name: str
    kind: Literal["postgres", "mysql", "sqlalchemy"]
    host: str
    port: int | None
    database: str | None
    schema: str | None
    table: str | None
    query: str | None
    cursor: Cursor | None
    url: str | None = None
    tls: Literal["verify", "require"] | None = None
    ca_file: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        at = f"{self.host}:{self.port}" if self.port else self.host
        return f"{at} {self.table or '查询'}"


@dataclass(frozen=True)
class Pages:
    """How an interface hands out its pages: the style, the names of parameters, where the next one is named."""

    style: Literal["number", "offset", "cursor", "link", "none"] = "none"
    parameter: str = ""
    first: int = 0
    size_parameter: str | None = None
    size: int = 500
    next: str = ""


@dataclass(frozen=True)
class Token:
    """Where the token goes and, if it must be fetched, where from.

    Args:
        place: `header`, `query` or `bearer`.
        name: of the header or parameter.
        url: of the token endpoint; None when the secret is the token itself.
        path: where the answer holds the token.
        lifetime_path: where the answer says for how many seconds it holds.
        parameters: fixed parts of the request; `{user}`, `{password}`, `{client_id}`, `{client_secret}` stand for secrets.
        as_json: whether the request's body is JSON (else a form).
    """

    place: Literal["header", "query", "bearer"]
    name: str
    url: str | None = None
    path: str = "access_token"
    lifetime_path: str = "expires_in"
    parameters: tuple[tuple[str, str], ...] = ()
    as_json: bool = False


@dataclass(frozen=True)
class MomentWindow:
    """Names of the parameters that bound what an interface returns, how a moment is written, the overlap, the first day.

    `start` is where the first pull begins; None leaves the bound out then.
    """

    lower: str
    upper: str | None
    format: str
    cursor: Cursor
    start: str | None = None


@dataclass(frozen=True)
class Interface:
    """A REST interface in the style of 数据共享交换平台.

    Args:
        name: of the server; secrets are found by it.
        url: where it is called.
        method: GET, or POST with a JSON body.
        parameters: fixed parameters (query for GET, body for POST).
        headers: fixed headers.
        records: path of the list of records in the answer.
        total: path of the number of all records, if the answer gives it.
        success: (path, values) of a business code that says the answer is good.
        expired: values of that code which say that the token has expired.
        pages: see `Pages`.
        token: see `Token`; None for an open interface.
        window: see `MomentWindow`; None reads everything each time.
        rate: calls a second; None is no limit.
        timeout: seconds to wait for an answer.
        attempts: tries a page.
        ca_file: certificates to trust besides the usual ones.
    """

    name: str
    url: str
    method: Literal["GET", "POST"] = "GET"
    parameters: tuple[tuple[str, Any], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    records: str = "data"
    total: str | None = None
    success: tuple[str, tuple[str, ...]] | None = None
    expired: tuple[str, ...] = ()
    pages: Pages = field(default_factory=Pages)
    token: Token | None = None
    window: MomentWindow | None = None
    rate: float | None = None
    timeout: float = 30.0
    attempts: int = 5
    ca_file: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages: without parameters, which may hold a token."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    @property
    def kind(self) -> Literal["api"]:
        """What it is, as a database has one too."""
        return "api"

    @property
    def cursor(self) -> Cursor | None:
        """The cursor of its window."""
        return self.window.cursor if self.window else None


Pull = Database | Interface


def is_secret_name(name: str) -> bool:
    """Whether a parameter or header of that name would hold a secret."""
    return bool(re.search(r"password|passwd|secret|token|appkey|authorization", name, re.IGNORECASE))


def parse_pulls(servers: Iterable[Any]) -> tuple[Pull, ...]:
    """The servers that a feed is pulled from: every entry but the landing.

    Args:
        servers: the contract's entries (ODCS 3.2 `servers`).

    Raises:
        ServerError: an entry cannot be used.
    """
    pulls: list[Pull] = []
    for entry in servers:
        if (entry.type or LANDING) == LANDING:
            continue
        name = entry.server or ""
        if not _NAME.fullmatch(name):
            raise ServerError(f"server {name!r} 须为小写字母开头的字母、数字、- 或 _（密钥的环境变量由它得名）")
        if name in {p.name for p in pulls}:
            raise ServerError(f"server {name} 重复；每个服务器起不同的名字")
        try:
            custom = {p.property: p.value for p in entry.customProperties or []}
            pulls.append(_interface(name, entry, custom) if entry.type == "api" else _database(name, entry, custom))
        except ServerError as error:
            raise ServerError(f"server {name}：{error}") from None
    return tuple(pulls)


def _database(name: str, entry: Any, custom: Mapping[str, Any]) -> Database:
    kind = _KINDS.get(entry.type)
    if kind is None:
        raise ServerError(f"type {entry.type!r} 不支持；可用：local、api、{'、'.join(_KINDS)}")
    _only(custom, "customProperties", {"table", "query", "cursor", "tls", "caFile", "url"})
    table, query = custom.get("table"), custom.get("query")
    if bool(table) == bool(query):
        raise ServerError("customProperties 里要有 table 或 query，且只能有一个")
    if query and not re.match(r"\s*(select|with)\b", str(query), re.IGNORECASE):
        raise ServerError("query 须以 select 或 with 开头")
    url = str(custom["url"]) if "url" in custom else None
    if kind == "sqlalchemy":
        if not url or "://" not in url:
            raise ServerError(
                "type sqlalchemy 要在 customProperties 里写 url，如 dm+dmPython://10.1.2.3:5236/（不含口令）"
            )
        if re.search(r"://[^/@]*:[^/@]+@", url) or re.search(r"[?&](password|passwd|pwd|token)=", url, re.IGNORECASE):
            raise ServerError("url 里不能写口令；删去它，把口令放进环境变量或 secrets.env")
    elif url:
        raise ServerError(f"type {entry.type} 不用 url；写 host、port、database")
    elif not entry.host or not entry.database:
        raise ServerError("缺少 host 或 database")
    _check_tls(kind, custom)
    parts = urlsplit(url) if url else None
    return Database(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        host=entry.host or (parts.hostname if parts else None) or (parts.path if parts else ""),
        port=_port(entry.port, (parts.port if parts else None) or _PORTS.get(kind)),
        database=entry.database,
        schema=entry.schema_,
        table=str(table) if table else None,
        query=str(query).strip().rstrip(";") if query else None,
        cursor=_cursor(custom.get("cursor")),
        url=url,
        tls=custom.get("tls"),
        ca_file=custom.get("caFile"),
    )


def _check_tls(kind: str, custom: Mapping[str, Any]) -> None:
    tls = custom.get("tls")
    if tls not in (None, "verify", "require"):
        raise ServerError("tls 只能是 verify 或 require")
    if tls and kind == "sqlalchemy":  # each driver has words of its own for it
        raise ServerError("tls 只用于 postgres、mysql、mariadb；type: sqlalchemy 的加密按其驱动的写法写进 url 的参数")
    if custom.get("caFile") and tls != "verify":
        raise ServerError("写了 caFile 而没有 tls: verify，证书不会被核验；请补上 tls: verify，或删去 caFile")
    if tls == "verify" and not custom.get("caFile"):
        raise ServerError("tls: verify 要写 caFile（对方服务器的根证书文件）")


def _port(given: Any, default: int | None) -> int | None:
    if given is None:
        return default
    if not str(given).isdigit() or not 0 < int(given) < 65536:
        raise ServerError(f"port {given!r} 不是端口号")
    return int(given)


def _cursor(given: Any) -> Cursor | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not given.get("column"):
        raise ServerError("cursor 写成 {column: updated_at, overlap: 2 d}")
    _only(given, "cursor", {"column", "overlap"})
    try:
        return parse_cursor(str(given["column"]), str(given.get("overlap", "2 d")))
    except ValueError as error:
        raise ServerError(str(error)) from None


def _interface(name: str, entry: Any, custom: Mapping[str, Any]) -> Interface:
    _only(
        custom,
        "customProperties",
        {
            "method",
            "parameters",
            "headers",
            "records",
            "total",
            "success",
            "pages",
            "token",
            "window",
            "rate",
            "timeout",
        }
        | {"attempts", "caFile"},
    )
    url = _url(entry.location, "location")
    method = str(custom.get("method", "GET")).upper()
    if method not in ("GET", "POST"):
        raise ServerError("method 只能是 GET 或 POST")
    success = custom.get("success") or {}
    _only(success, "success", {"path", "values", "expired"})
    if success and not (success.get("path") and success.get("values")):
        raise ServerError("success 写成 {path: code, values: [200], expired: [401]}")
    for where in ("parameters", "headers"):
        for key in custom.get(where) or {}:
            if is_secret_name(str(key)):
                raise ServerError(f"{where} 里的 {key} 像是密钥；密钥写进环境变量或 secrets.env，用 token 说明放在哪里")
    return Interface(
        name=name,
        url=url,
        method=method,  # type: ignore[arg-type]
        parameters=tuple((custom.get("parameters") or {}).items()),
        headers=tuple((str(k), str(v)) for k, v in (custom.get("headers") or {}).items()),
        records=str(custom.get("records", "data")),
        total=custom.get("total"),
        success=(str(success["path"]), tuple(map(str, success["values"]))) if success else None,
        expired=tuple(map(str, success.get("expired") or ())),
        pages=_pages(custom.get("pages")),
        token=_token(custom.get("token"), url),
        window=_window(custom.get("window")),
        rate=_positive(custom.get("rate"), "rate"),
        timeout=_positive(custom.get("timeout"), "timeout") or 30.0,
        attempts=int(_positive(custom.get("attempts"), "attempts") or 5),
        ca_file=custom.get("caFile"),
    )


def _pages(given: Any) -> Pages:
    if given is None:
        return Pages()
    style = given.get("style") if isinstance(given, dict) else None
    if style not in _PAGE_STYLES:
        raise ServerError(f"pages.style 须为 {'、'.join(_PAGE_STYLES)} 之一")
    defaults = _PAGE_STYLES[style]
    _only(given, "pages", {"style", *defaults})
    told = {**defaults, **given}
    return Pages(
        style=style,
        parameter=str(told.get("parameter", "")),
        first=int(told.get("first", 0)),
        size_parameter=told.get("sizeParameter"),
        size=int(_positive(told.get("size"), "pages.size") or 500),
        next=str(told.get("next", "")),
    )


def _token(given: Any, url: str) -> Token | None:
    if given is None:
        return None
    place = given.get("in") if isinstance(given, dict) else None
    if place not in _TOKEN_PLACES:
        raise ServerError(f"token.in 须为 {'、'.join(_TOKEN_PLACES)} 之一")
    _only(given, "token", {"in", "name", "url", "path", "lifetimePath", "parameters", "json"})
    if place != "bearer" and not given.get("name"):
        raise ServerError(f"token.in 为 {place} 时要写 name（请求头或参数的名字）")
    endpoint = _url(given["url"], "token.url") if given.get("url") else None
    if endpoint and url.startswith("https:") and not endpoint.startswith("https:"):
        raise ServerError("接口用 https，token.url 也须用 https")
    return Token(
        place=place,
        name=str(given.get("name", "Authorization")),
        url=endpoint,
        path=str(given.get("path", "access_token")),
        lifetime_path=str(given.get("lifetimePath", "expires_in")),
        parameters=tuple((str(k), str(v)) for k, v in (given.get("parameters") or {}).items()),
        as_json=bool(given.get("json", False)),
    )


def _window(given: Any) -> MomentWindow | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not given.get("from"):
        raise ServerError("window 写成 {from: startTime, to: endTime, format: '%Y-%m-%d %H:%M:%S', overlap: 1 d}")
    _only(given, "window", {"from", "to", "format", "overlap", "start"})
    try:
        cursor = parse_cursor(str(given["from"]), str(given.get("overlap", "1 d")))
    except ValueError as error:
        raise ServerError(str(error)) from None
    if cursor.kind != "moment":
        raise ServerError("window.overlap 须为时间，如 1 d")
    start = given.get("start")
    try:
        first = datetime.fromisoformat(str(start)) if start is not None else None
    except ValueError:
        raise ServerError(f"window.start {start!r} 须为日期，如 2020-01-01") from None
    return MomentWindow(
        lower=str(given["from"]),
        upper=given.get("to"),
        format=str(given.get("format", "%Y-%m-%d %H:%M:%S")),
        cursor=cursor,
        start=moment_text(first) if first else None,
    )


def _url(given: Any, where: str) -> str:
    parts = urlsplit(str(given or ""))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServerError(f"{where} 须为 http:// 或 https:// 开头的地址")
    if parts.username or parts.password or re.search(r"(token|secret|password|appkey)=", parts.query, re.IGNORECASE):
        raise ServerError(f"{where} 里不能写密钥；删去它，把密钥放进环境变量或 secrets.env")
    return str(given)


def _positive(given: Any, where: str) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or given <= 0:
        raise ServerError(f"{where} 须为正数")
    return float(given)


def _only(given: Mapping[str, Any], where: str, known: set[str]) -> None:
    if not isinstance(given, Mapping):
        raise ServerError(f"{where} 须为一组「名：值」")
    unknown = sorted(set(given) - known)
    if unknown:
        secret = any(re.search(r"password|secret|passwd|user", u, re.IGNORECASE) for u in unknown)
        hint = "；密钥不写在合同里，放进环境变量或 secrets.env" if secret else ""
        raise ServerError(f"{where} 里不认识 {'、'.join(unknown)}；可用：{'、'.join(sorted(known))}{hint}")
