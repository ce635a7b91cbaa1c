"""A 数据共享交换平台 that misbehaves on purpose: a real HTTP server in a thread, told what to do by the test."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "令牌-tok/en%2B=first"
CLIENT_SECRET = "client-秘密-secret"


@dataclass
class Call:
    """What a client asked: path, parameters (of the query or of a JSON body), headers."""

    path: str
    parameters: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Answer:
    """What the server says: `raw` instead of JSON where it is set; `cut` closes the connection in the middle."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: bool = False
    silent: bool = False


@dataclass
class Platform:
    """The server: its rows in pages, and for chosen calls something else.

    `odd` maps the number of a call (from 1, token calls not counted) to what is answered instead.
    """

    port: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    total: bool = True
    odd: dict[int, Callable[[Call], Answer]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    tokens: list[Call] = field(default_factory=list)
    good_tokens: set[str] = field(default_factory=set)
    page: Callable[[Platform, Call], Answer] | None = None
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where its records are."""
        return f"http://127.0.0.1:{self.port}/api/checks"

    def numbered_page(self, call: Call) -> Answer:
        """The page that was asked for by number, with the total of all."""
        number, size = int(call.parameters.get("pageNum", 1)), int(call.parameters.get("pageSize", 100))
        return self.answer_with(self.rows[(number - 1) * size : number * size])

    def answer_with(self, rows: list[dict[str, Any]], total: int | None = None) -> Answer:
        """Records in the envelope that such platforms use."""
        told = {"total": len(self.rows) if total is None else total} if self.total else {}
        return Answer({"code": 200, "msg": "ok", "data": {"list": rows, **told}})


def check(number: int, **more: Any) -> dict[str, Any]:
    """One record."""
    return {
        "check_id": number,
        "enterprise_name": f"企业{number}",
        "fine": 12.10,
        "updated_at": "2026-11-20 09:00:00",
        **more,
    }


@contextmanager
def exchange_platform() -> Iterator[Platform]:
    """A running platform on loopback."""
    platform = Platform()
    counts: dict[str, int] = defaultdict(int)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parameters = {key: values[-1] for key, values in parse_qs(urlsplit(self.path).query).items()}
            self._serve(Call(urlsplit(self.path).path, parameters, dict(self.headers)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            is_json = "json" in self.headers.get("Content-Type", "")
            form = json.loads(body) if is_json else {k: v[-1] for k, v in parse_qs(body).items()}
            self._serve(Call(urlsplit(self.path).path, form, dict(self.headers)))

        def _serve(self, call: Call) -> None:
            if call.path == "/oauth/token":
                platform.tokens.append(call)
                given = f"tok-{len(platform.tokens)}-秘"
                platform.good_tokens = {given}
                return self._send(Answer({"access_token": given, "expires_in": 7200}))
            counts["calls"] += 1
            platform.calls.append(call)
            if counts["calls"] in platform.odd:
                return self._send(platform.odd[counts["calls"]](call))
            if (
                platform.good_tokens
                and call.headers.get("Authorization", "")[7:].encode("latin-1").decode() not in platform.good_tokens
            ):
                return self._send(Answer({"msg": "expired"}, status=401))
            return self._send(platform.page(platform, call) if platform.page else platform.numbered_page(call))

        def _send(self, answer: Answer) -> None:
            if answer.silent:
                platform.released.wait(20)
                self.close_connection = True
                return
            body = answer.raw if answer.raw is not None else json.dumps(answer.body, ensure_ascii=False).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if answer.cut else body)
            self.close_connection = answer.cut

        def log_message(self, *_: Any) -> None:
            """Silent: pytest shows what a test needs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    platform.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        platform.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
