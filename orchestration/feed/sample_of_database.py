"""A sample of a department's database, read as a pull would read it. The password is neither shown nor written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ingest.base.home import Home
from ingest.feeds.servers import is_secret_name
from orchestration.feed.fetched import FeedError, Fetched, without_password
from orchestration.language import say

SAMPLE_ROWS = 20_000
SERVER = "source"  # its secrets are JGT_SECRET_<DEPARTMENT>_SOURCE_USER and _PASSWORD
_KINDS = {"postgresql": "postgres", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql"}


def read_table(source: str, table: str | None, department: str | None, folder: Path) -> Fetched:
    """The first rows of a table or view, as a file, and what a contract says of the server.

    Args:
        source: `postgresql://user@host:port/database?table=schema.table`, or mysql, mariadb, or SQLAlchemy's own
            (`oracle+oracledb://user@host:1521/?service_name=x`).
        table: where the DSN does not name it.
        department: code of the department, by which the password is found in the environment.
        folder: where the file goes.

    Raises:
        FeedError: something is missing, or the server does not answer.
    """
    from ingest.feeds.servers import Database
    from ingest.pulls import any_database, mysql, postgres
    from ingest.pulls.cursor import Window
    from ingest.pulls.secrets import Secrets, secrets_for
    from ingest.pulls.source import PullFailed

    parts = urlsplit(source)
    options = dict(parse_qsl(parts.query))
    wanted = table or options.get("table")
    database = parts.path.strip("/")
    kind = _KINDS.get(parts.scheme.lower(), "sqlalchemy")
    if not department or not wanted or (kind != "sqlalchemy" and not (database and parts.hostname)):
        raise FeedError(
            say(
                f"{without_password(source)} 要写全：postgresql://用户@主机:端口/库 --table 表 --department 代码。",
                f"{without_password(source)} is not whole: postgresql://user@host:port/database --table TABLE --department CODE.",
            )
        )
    schema, _, name = wanted.rpartition(".")
    known = secrets_for(Home.from_environment().root, department, SERVER)
    user = unquote(parts.username or "") or known.get("USER")
    password = unquote(parts.password or "") or known.get("PASSWORD")
    if not password and parts.hostname:
        password = _asked(user, parts.hostname)
    given = {"USER": user, "PASSWORD": password}
    secrets = Secrets(known.prefix, {key: value for key, value in given.items() if value})
    port = parts.port or {"postgres": 5432, "mysql": 3306}.get(kind)
    url = _without_login(source) if kind == "sqlalchemy" else None
    server = Database(
        name=SERVER, kind=kind, host=parts.hostname or "", port=port, database=None if url else database,  # type: ignore[arg-type]
        schema=schema or None, table=name, query=None, cursor=None, url=url,
    )  # fmt: skip
    path = folder / f"{name}.parquet"
    drivers = {"postgres": postgres, "mysql": mysql, "sqlalchemy": any_database}
    opened: Any = drivers[kind].open_source
    try:
        with opened(server, secrets) as rows:
            columns = [c for c in rows.columns() if c.kind != "binary"]
            _keep(rows.batches(columns, Window()), path)
    except PullFailed as failure:
        raise FeedError(secrets.scrub(str(failure))) from None
    told: dict[str, Any] = {"server": SERVER, "type": kind}
    told |= {} if url else {"host": server.host, "port": port, "database": database}
    if schema:
        told["schema"] = schema
    told["customProperties"] = [{"property": "url", "value": url}] if url else []
    told["customProperties"].append({"property": "table", "value": name})
    return Fetched(path, path.name, servers=(told,))


def _without_login(source: str) -> str:
    """A SQLAlchemy URL as a contract may say it: no user, no password, no table.

    Raises:
        FeedError: its parameters hold a secret.
    """
    parts = urlsplit(source)
    options = [(key, value) for key, value in parse_qsl(parts.query) if key != "table"]
    if any(is_secret_name(key) or key.lower() == "pwd" for key, _ in options):
        raise FeedError(
            say(
                f"{without_password(source.split('?')[0])} 的参数里带有密钥，不写进合同。请改放环境变量 "
                "JGT_SECRET_<部门>_SOURCE_PASSWORD。",
                "the DSN's parameters hold a secret; set JGT_SECRET_<DEPARTMENT>_SOURCE_PASSWORD instead.",
            )
        )
    bare = source.split("?")[0].replace(parts.netloc, parts.netloc.rsplit("@", 1)[-1], 1) if parts.netloc else source
    return bare.split("?")[0] + (f"?{urlencode(options)}" if options else "")


def _asked(user: str | None, host: str) -> str | None:
    """The password by a question, where there is somebody to ask."""
    if not sys.stdin.isatty():
        return None
    import typer

    asked = say(
        f"{user or ''}@{host} 的口令（不显示，不保存；没有就回车）", f"password of {user or ''}@{host} (not kept)"
    )
    return str(typer.prompt(asked, default="", hide_input=True, show_default=False)) or None


def _keep(batches: Any, path: Path) -> None:
    import pyarrow.parquet as pq

    writer, rows = None, 0
    for batch in batches:
        writer = writer or pq.ParquetWriter(path, batch.schema)
        writer.write_batch(batch.slice(0, SAMPLE_ROWS - rows))
        rows += min(batch.num_rows, SAMPLE_ROWS - rows)
        if rows >= SAMPLE_ROWS:
            break
    if writer is None:
        raise FeedError(
            say("表里没有记录，看不出类型。请换一张有数据的表。", "the table is empty; name one with rows.")
        )
    writer.close()
