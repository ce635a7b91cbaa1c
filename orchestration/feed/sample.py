"""Where a sample comes from: a file, an address on the web, or a database. What is secret is neither shown nor written."""

from __future__ import annotations

import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit, urlunsplit

from orchestration.feed.fetched import FeedError, Fetched, without_password
from orchestration.language import say

MAX_BYTES = 512 << 20
TIMEOUT_SECONDS = 60
_SUFFIXES = {
    "text/csv": ".csv",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/zip": ".zip",
}


_DIALECTS = ("oracle", "mssql", "sqlite", "dm", "kingbase")  # SQLAlchemy's names without a driver


@contextmanager
def fetched(
    source: str, table: str | None, department: str | None, tell: Callable[[str], object], is_pull: bool = False
) -> Iterator[Fetched]:
    """The sample as a file, for as long as it is needed.

    Args:
        source: a path, an http(s) URL or a DSN.
        table: table or view, for a DSN.
        department: code of the department, for a DSN.
        tell: gets a line where it may take a while.
        is_pull: whether an http(s) address is an interface that the contract is to pull from.

    Raises:
        FeedError: when it cannot be had.
    """
    scheme = source.split("://", 1)[0].lower() if "://" in source else ""
    with tempfile.TemporaryDirectory(prefix="jgt-source-") as folder:
        if scheme in ("http", "https"):
            tell(say(f"正在下载 {without_password(source)} …", f"fetching {without_password(source)} …"))
            yield _interface(source, department, Path(folder)) if is_pull else _download(source, Path(folder))
        elif scheme in ("postgresql", "postgres", "mysql", "mariadb") or "+" in scheme or scheme in _DIALECTS:
            from orchestration.feed.sample_of_database import read_table

            tell(say(f"正在查询 {without_password(source)} …", f"querying {without_password(source)} …"))
            yield read_table(source, table, department, Path(folder))
        elif scheme:
            raise FeedError(
                say(
                    f"不认识 {scheme}://；可用：文件、http(s)://、postgresql://、mysql://、mariadb://，以及 SQLAlchemy 的 方言+驱动://。",
                    f"{scheme}:// is not known; a file, http(s)://, postgresql://, mysql://, mariadb:// or dialect+driver://.",
                )
            )
        else:
            path = Path(source)
            if not path.is_file():
                raise FeedError(say(f"没有文件 {source}。请核对路径。", f"no file {source}; check the path."))
            yield Fetched(path, path.name, path.parent)


def _interface(source: str, department: str | None, folder: Path) -> Fetched:
    """One answer of an interface, and what the contract says of it; its token comes from the environment alone."""
    from ingest.base.home import Home
    from ingest.pulls.secrets import secrets_for
    from orchestration.feed.sample_of_interface import SERVER, server_entry

    token = secrets_for(Home.from_environment().root, department, SERVER).get("TOKEN") if department else None
    sample = _download(source, folder, {"Authorization": f"Bearer {token}"} if token else {})
    return replace(sample, servers=(server_entry(sample.path, source, bool(token)),))


def _download(source: str, folder: Path, headers: Mapping[str, str] = MappingProxyType({})) -> Fetched:
    parts = urlsplit(source)
    told = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    request = urllib.request.Request(_without_user(source), headers={"User-Agent": "jgt", **told})  # noqa: S310  http(s) alone comes here
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            kind = answer.headers.get_content_type()
            named = re.search(r'filename="?([^";/\\]+)', answer.headers.get("Content-Disposition", ""))
            name = named.group(1) if named else unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]) or "sample"
            if not Path(name).suffix:
                name += _SUFFIXES.get(kind, "")
            path = folder / Path(name).name
            size = 0
            with path.open("wb") as file:
                while block := answer.read(1 << 20):
                    size += len(block)
                    if size > MAX_BYTES:
                        raise FeedError(
                            say(
                                f"样本超过 {MAX_BYTES >> 20} MB，已停止下载。请给出一个较小的样本。",
                                f"the sample is larger than {MAX_BYTES >> 20} MB; give a smaller one.",
                            )
                        )
                    file.write(block)
    except urllib.error.HTTPError as error:
        raise FeedError(
            say(
                f"{without_password(source)} 回答 {error.code}。需要登录的接口请先保存一个样本文件，再 jgt feed new 文件。",
                f"{without_password(source)} answered {error.code}. Save a sample first where it needs a login.",
            )
        ) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        why = getattr(error, "reason", error)
        raise FeedError(
            say(
                f"取不到 {without_password(source)}：{why}。请核对地址与网络。",
                f"cannot fetch {without_password(source)}: {why}. Check address and network.",
            )
        ) from None
    return Fetched(path, path.name)


def _without_user(source: str) -> str:
    parts = urlsplit(source)
    return urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]))
