"""One call to an interface: its token, its pace, tries with growing pauses, only hosts that the contract names."""

from __future__ import annotations

import email.utils
import json
import random
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from dlt.common import jsonpath

from ingest.feeds.servers import Interface, Token
from ingest.pulls import source
from ingest.pulls.pacing import Pace
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import CONNECT_SECONDS, PullFailed

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
# a server that asks for more patience than this is asked again by the next run
_LONGEST_RETRY_AFTER = 300.0
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_PAGE_BYTES = 64 << 20
_REDIRECTS = 3
pause = time.sleep


class _TryAgain(Exception):
    """This try brought nothing; the next one may."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class _TokenExpired(_TryAgain):
    """The server no longer accepts the token."""


class Caller:
    """Calls one interface for one pull.

    Args:
        server: of the contract.
        secrets: its own.
        pace: shared with all other callers of the same host.
    """

    def __init__(self, server: Interface, secrets: Secrets, pace: Pace) -> None:
        self._server = server
        self._secrets = secrets
        self._pace = pace
        self._token: str | None = None
        self._token_until = 0.0
        token_url = server.token.url if server.token else None
        self._hosts = {urlsplit(url).netloc for url in (server.url, token_url) if url}
        self._scheme = urlsplit(server.url).scheme
        self.session = requests.Session()
        # no proxy, no .netrc: calls go to the hosts of the contract and nowhere else
        self.session.trust_env = False
        self.session.verify = server.ca_file or True

    def send(self, request: requests.Request) -> requests.Response:
        """Make a call that ends with good JSON; `response.json()` then gives numbers as they are spelled.

        Raises:
            PullFailed: no try brought an answer, or the answer says no.
        """
        refreshed = 0
        why = ""
        for attempt in range(1, self._server.attempts + 1):
            try:
                return self._with_token(request)
            except _TokenExpired as error:
                self._token = None
                refreshed += 1
                if self._server.token is None or self._server.token.url is None or refreshed > 2:
                    raise self._token_refused() from None
                why = str(error)
            except _TryAgain as error:
                why = str(error)
                if (error.after or 0) > _LONGEST_RETRY_AFTER:
                    raise PullFailed(
                        f"{self._server.place} 要求 {error.after:.0f} 秒后再来（{why}）",
                        "下一轮自动重试；也可与对方协商调用频率（rate）",
                    ) from None
                if attempt < self._server.attempts:
                    growing = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1)) * random.uniform(0.5, 1.5)  # noqa: S311  only spreads calls
                    pause(error.after if error.after is not None else growing)
        raise PullFailed(
            f"{self._server.place} 试了 {self._server.attempts} 次都不成（{why}）",
            "请确认对方接口正常，恢复后下一轮自动重试，或运行 jgt pull",
            may_pass=True,
        )

    def _with_token(self, request: requests.Request) -> requests.Response:
        params: dict[str, Any] = dict(request.params or {})  # type: ignore[arg-type]
        headers: dict[str, Any] = dict(request.headers or {})
        token = self._server.token
        if token is not None:
            value = self._current_token(token)
            if token.place == "bearer":
                headers["Authorization"] = f"Bearer {value}".encode()  # as text it would have to be Latin-1
            elif token.place == "header":
                headers[token.name] = value.encode()
            else:
                params[token.name] = value
        made = requests.Request(request.method, request.url, headers=headers, params=params, json=request.json)
        return self._checked(self._answer(self.session.prepare_request(made)))

    def _answer(self, prepared: requests.PreparedRequest) -> requests.Response:
        """Send, following redirects on the same host only; the body is read within a limit."""
        for _ in range(_REDIRECTS + 1):
            self._require_known_host(prepared.url or "")
            self._pace.wait()
            try:
                timeout = (CONNECT_SECONDS, self._server.timeout)
                with self.session.send(
                    prepared, stream=True, allow_redirects=False, timeout=timeout, verify=self.session.verify
                ) as response:
                    body = self._body(response)
            except requests.exceptions.SSLError:
                raise PullFailed(
                    f"{self._server.place} 的证书校验不通过",
                    "请对方更换有效证书；自签证书请在合同里用 caFile 指明可信的根证书",
                ) from None
            except requests.Timeout:
                raise _TryAgain("超时没有回答") from None
            except requests.RequestException as error:  # its text may hold the URL with a token
                raise _TryAgain(f"连接失败 {type(error).__name__}") from None
            response._content = body
            if not response.is_redirect:
                return response
            prepared = prepared.copy()
            prepared.url = urljoin(prepared.url or "", response.headers["Location"])
        raise PullFailed(f"{self._server.place} 反复重定向", "请与对方核对接口地址，更正合同里的 location")

    def _body(self, response: requests.Response) -> bytes:
        until = time.monotonic() + 10 * self._server.timeout
        body = bytearray()
        for piece in response.iter_content(1 << 16):
            body += piece
            if len(body) > _PAGE_BYTES:
                raise PullFailed(f"{self._server.place} 一页超过 {_PAGE_BYTES >> 20} MB", "请在合同里调小 pages.size")
            if time.monotonic() > until:
                raise _TryAgain("回答迟迟不完")
        return bytes(body)

    def _require_known_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc not in self._hosts or (self._scheme == "https" and parts.scheme != "https"):
            raise PullFailed(
                f"{self._server.place} 要我们改去 {parts.scheme}://{parts.netloc}，合同里没有这个地址，未前往",
                "请与对方核对；确应更换时，更正合同里的 location",
            )

    def _checked(self, response: requests.Response) -> requests.Response:
        """The answer, if it is good, with its JSON read once for all who ask."""
        status = response.status_code
        if status == 401:
            raise _TokenExpired("令牌不被接受（401）")
        if status in _AGAIN:
            raise _TryAgain(f"HTTP {status}", _retry_after(response.headers.get("Retry-After")))
        if status >= 300:
            todo = "请对方授权" if status == 403 else "请与对方核对地址与参数，更正合同"
            raise PullFailed(f"{self._server.place} 回答 HTTP {status}", todo)
        document = _document(response)
        if self._server.success:
            path, good = self._server.success
            code = _plain(_first(path, document))
            if code in self._server.expired:
                raise _TokenExpired(f"令牌过期（{path}={code}）")
            if code not in good:
                raise _TryAgain(f"业务码 {path}={self._secrets.scrub(code)[:40]}")
        response.json = lambda **_: document  # type: ignore[method-assign]
        return response

    def _current_token(self, token: Token) -> str:
        if token.url is None:
            value = self._secrets.get("TOKEN")
            if value is None:
                raise source.login_missing(self._secrets.prefix, "TOKEN")
            return value
        if self._token is None or time.monotonic() >= self._token_until:
            self._fetch_token(token)
        assert self._token is not None
        return self._token

    def _fetch_token(self, token: Token) -> None:
        names = {
            name.lower(): self._secrets.get(name)
            for name in ("USER", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "TOKEN")
        }
        given = dict(token.parameters) or {
            "grant_type": "client_credentials", "client_id": "{client_id}", "client_secret": "{client_secret}",
        }  # fmt: skip
        filled = {key: self._filled(value, names) for key, value in given.items()}
        body: dict[str, Any] = {"json": filled} if token.as_json else {"data": filled}
        response = self._answer(self.session.prepare_request(requests.Request("POST", token.url, **body)))
        if response.status_code in _AGAIN:
            raise _TryAgain(f"令牌接口 HTTP {response.status_code}", _retry_after(response.headers.get("Retry-After")))
        if response.status_code >= 300:
            raise self._token_refused()
        document = _document(response)
        value = _first(token.path, document)
        if not isinstance(value, str) or not value:
            raise self._token_refused()
        self._token = value
        self._secrets.hide(value)
        lifetime = _plain(_first(token.lifetime_path, document))
        # renewed a little before its end; without a word on its life it is used until it is refused
        seconds = float(lifetime) * 0.9 if re.fullmatch(r"\d+(\.\d+)?", lifetime) else float("inf")
        self._token_until = time.monotonic() + seconds

    def _filled(self, value: str, names: Mapping[str, str | None]) -> str:
        for name in re.findall(r"\{(\w+)\}", value):
            secret = names.get(name)
            if secret is None:
                raise source.login_missing(self._secrets.prefix, name.upper())
            value = value.replace("{" + name + "}", secret)
        return value

    def _token_refused(self) -> PullFailed:
        return PullFailed(
            f"{self._server.place} 不接受所给的令牌或账号",
            f"请核对 {self._secrets.prefix}TOKEN、CLIENT_ID、CLIENT_SECRET 等密钥（环境变量或 JGT_HOME/secrets.env）是否有效",
        )


def _retry_after(told: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; None where it says nothing."""
    if told is None:
        return None
    if re.fullmatch(r"\s*\d+\s*", told):
        return float(told)
    moment = email.utils.parsedate_tz(told)
    return max(0.0, email.utils.mktime_tz(moment) - time.time()) if moment else None


def _document(response: requests.Response) -> Any:
    """JSON with numbers as they are spelled (0.10, 320102000000000001) and no key given twice with two meanings."""
    charset = re.search(r"charset=\"?([\w-]+)", response.headers.get("Content-Type", ""))
    encoding = charset[1] if charset and charset[1].lower() not in ("utf-8", "utf8") else "utf-8-sig"
    if encoding.lower() in ("gbk", "gb2312"):
        encoding = "gb18030"  # their superset
    try:
        return json.loads(
            response.content.decode(encoding),
            parse_int=str,
            parse_float=str,
            parse_constant=lambda _: None,
            object_pairs_hook=_object,
        )
    except (ValueError, LookupError, RecursionError) as error:  # cut short, a page for people, not text at all
        raise _TryAgain(f"回答不是完好的 JSON（{type(error).__name__}）") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs) and any(made[key] != value for key, value in pairs):
        raise ValueError("a key has two values")
    return made


def _first(path: str, document: Any) -> Any:
    return next(iter(jsonpath.find_values(path, document)), None)


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
