"""An interface in the style of 数据共享交换平台, page by page through dlt's client, as Arrow text.

Imported only when a feed is pulled from an interface. Of dlt only the client and its paginators are used: no pipeline, so
nothing is sent anywhere else and nothing is written to the user's home.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import requests
from dlt.common import jsonpath
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client import paginators as dlt_pages

from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.feeds.servers import Interface
from ingest.pulls.cursor import Window
from ingest.pulls.pacing import Pace
from ingest.pulls.rest_call import Caller
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import PullFailed

# one page may come twice when rows move; the same page over and over means that the page number is not heeded
_SAME_PAGE_LIMIT = 3


class _OffsetByRows(dlt_pages.OffsetPaginator):
    """Goes on by the rows that came: a server that hands out at most 100 when asked for 500 would else skip 400."""

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        self.value_step = len(data or ())
        super().update_state(response, data)


class _Client(RESTClient):
    """dlt's client over our caller, which tries again, paces itself and reads numbers as they are spelled."""

    def __init__(self, server: Interface, caller: Caller) -> None:
        super().__init__(base_url=server.url, session=caller.session, config=RuntimeConfiguration())
        self._caller = caller
        self._place = server.place

    def _send_request(self, request: requests.Request, **_: Any) -> requests.Response:
        return self._caller.send(request)

    def extract_response(self, response: requests.Response, data_selector: Any) -> list[Any]:
        """The page's records. A path that is not there is no empty page: the answer is another one than expected."""
        found = jsonpath.find_values(data_selector, response.json())
        records = found[0] if found else ...
        if records is None:
            return []
        if not isinstance(records, list):
            raise PullFailed(
                f"{self._place} 的回答里没有 {data_selector} 这组记录",
                "请与对方核对接口的返回格式，更正合同里的 records",
            )
        return records


class Pages:
    """The pages of one pull.

    Args:
        server: of the contract.
        secrets: its own.
        feed: the contract, to know which values must be plain.
        folder: where the pace of calls is kept.
    """

    def __init__(self, server: Interface, secrets: Secrets, feed: Feed, folder: Path) -> None:
        self._server = server
        self._feed = feed
        self._caller = Caller(server, secrets, Pace(folder, urlsplit(server.url).netloc, server.rate))
        self._totals: list[int] = []
        self.pages = 0
        self.repeated = 0

    def batches(self, window: Window) -> Iterator[pa.RecordBatch]:
        """Every page as a batch of text.

        Args:
            window: bounds as ISO text; sent as the contract's window says.

        Raises:
            PullFailed: a page does not come, or is not what the contract says.
        """
        client = _Client(self._server, self._caller)
        given = {**dict(self._server.parameters), **self._bounds(window)}
        sent: dict[str, Any] = {"params": given} if self._server.method == "GET" else {"json": given}
        seen: set[bytes] = set()
        last, in_a_row, rows = b"", 0, 0
        try:
            for page in client.paginate(
                method=self._server.method,
                headers=dict(self._server.headers),
                paginator=self._paginator(given),
                data_selector=self._server.records,
                hooks={"response": []},
                **copy.deepcopy(sent),
            ):
                self.pages += 1
                self._note_total(page.response)
                if not page:
                    continue
                mark = hashlib.blake2b(json.dumps(list(page)).encode(), digest_size=16).digest()
                in_a_row = in_a_row + 1 if mark == last else 1
                last = mark
                if in_a_row >= _SAME_PAGE_LIMIT:
                    raise PullFailed(
                        f"{self._server.place} 连续 {in_a_row} 页内容相同，翻页参数没有起作用",
                        "请与对方核对翻页参数的名字与起始值，更正合同里的 pages",
                    )
                if mark in seen:
                    self.repeated += 1
                else:
                    seen.add(mark)
                    rows += len(page)
                yield self._batch(page)
                if self._totals and self._server.pages.style in ("number", "offset") and rows >= self._totals[-1]:
                    return
        except ValueError as error:  # dlt quotes the whole answer in it
            raise PullFailed(
                f"{self._server.place} 第 {self.pages + 1} 页的回答不合约定（{type(error).__name__}）",
                "请与对方核对接口的返回格式，更正合同里的 pages",
            ) from None

    def _bounds(self, window: Window) -> dict[str, str]:
        told = self._server.window
        if told is None:
            return {}
        lower = window.lower or told.start
        bounds = {told.lower: lower, told.upper: window.upper if lower else None}
        return {name: datetime.fromisoformat(v).strftime(told.format) for name, v in bounds.items() if name and v}

    def _paginator(self, given: dict[str, Any]) -> dlt_pages.BasePaginator:
        pages, in_body = self._server.pages, self._server.method == "POST"
        where = "body_path" if in_body else "param"
        if pages.size_parameter and pages.style in ("number", "cursor"):
            given[pages.size_parameter] = pages.size
        if pages.style == "number":
            return dlt_pages.PageNumberPaginator(
                base_page=pages.first, total_path=None, **_named({f"page_{where}": pages.parameter})
            )
        if pages.style == "offset":
            names = {f"offset_{where}": pages.parameter, f"limit_{where}": pages.size_parameter}
            return _OffsetByRows(limit=pages.size, offset=pages.first, total_path=None, **_named(names))
        if pages.style == "cursor":
            return dlt_pages.JSONResponseCursorPaginator(
                cursor_path=pages.next, **_named({f"cursor_{where}": pages.parameter})
            )
        if pages.style == "link":
            if pages.next == "header":
                return dlt_pages.HeaderLinkPaginator()
            return dlt_pages.JSONLinkPaginator(next_url_path=pages.next)
        return dlt_pages.SinglePagePaginator()

    def _note_total(self, response: requests.Response) -> None:
        if self._server.total is None:
            return
        told = next(iter(jsonpath.find_values(self._server.total, response.json())), None)
        if told is None or not str(told).isdigit():
            raise PullFailed(
                f"{self._server.place} 第 {self.pages} 页没有告知总数（{self._server.total}）",
                "请与对方核对接口的返回格式，更正合同里的 total",
            )
        self._totals.append(int(told))

    def _batch(self, page: Sequence[Any]) -> pa.RecordBatch:
        for place, record in enumerate(page, 1):
            if not isinstance(record, dict):
                raise PullFailed(
                    f"{self._server.place} 第 {self.pages} 页第 {place} 条不是「名：值」的记录",
                    "请与对方核对接口的返回格式",
                )
        names = list(dict.fromkeys(name for record in page for name in record))
        arrays = []
        for name in names:
            values = [record.get(name) for record in page]
            try:
                arrays.append(pa.array(values, pa.string()))
            except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeError):
                self._require_plain(name, values)
                arrays.append(pa.array([_text(value) for value in values], pa.string()))
        return pa.RecordBatch.from_arrays(arrays, names=[_whole(name) for name in names])

    def _require_plain(self, name: str, values: Sequence[Any]) -> None:
        place = next((i for i, value in enumerate(values, 1) if isinstance(value, dict | list)), None)
        if place is not None and match(self._feed, [name]).positions:
            raise PullFailed(
                f"{self._server.place} 第 {self.pages} 页第 {place} 条的 {name} 不再是单个值，而是嵌套的对象或列表",
                "对方改了接口的结构；请与对方核对，或更正合同",
            )

    def require_complete(self, distinct: int) -> None:
        """Refuse a pull that cannot hold everything.

        Args:
            distinct: different rows that came.

        Raises:
            PullFailed: fewer than the server said there are, or it took some away while we read.
        """
        if not self._totals:
            return
        first, least = self._totals[0], min(self._totals)
        why = None
        if least < first:
            why = f"读取期间总数由 {first} 变为 {least}，翻页时可能漏行"
        elif distinct < first:
            again = f"（其中 {self.repeated} 页重复）" if self.repeated else ""
            why = f"对方说有 {first} 条，翻完 {self.pages} 页只得到 {distinct} 条不同的记录{again}"
        if why:
            raise PullFailed(
                f"{self._server.place} 不完整：{why}，没有落地",
                "下一轮自动重试；若每次如此，请对方按固定次序翻页、补上主键，或更正合同里的 total",
            )

    def note(self) -> str | None:
        """What was odd, though nothing is missing; None if nothing was."""
        return f"有 {self.repeated} 页与前面的页相同，重复的行在收数时剔除" if self.repeated else None


def _named(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments of dlt's paginators that have a name only when called: in the query or in the body."""
    return arguments


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _whole(text: str) -> str:
    """A text in which half a character (a surrogate without its pair) stays visible as the escape it came in."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def columns_without_rows(feed: Feed) -> Mapping[str, None]:
    """The columns of a pull that brought no row: those of the contract."""
    return dict.fromkeys(column.label for column in feed.columns)
