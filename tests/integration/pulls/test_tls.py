"""Where a contract asks for TLS, rows come over TLS from a server whose certificate holds, or they do not come at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.base.home import Home
from ingest.pulls.pull import PullResult
from tests.support.database_servers import Certificates, DatabaseServer, certificates, mariadb_server
from tests.support.pulled_feed import Desk, properties, pulled_feed

pytestmark = pytest.mark.usefixtures("login")
Pulling = Callable[..., PullResult]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="jgt-tls-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def own(folder: Path) -> Certificates:
    return certificates(folder / "own")


@pytest.fixture(scope="module")
def foreign(folder: Path) -> Certificates:
    """Of another root: as if someone stood between us and the server."""
    return certificates(folder / "foreign")


@pytest.fixture(params=["postgres", "mysql", "mysql+pymysql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def mariadb_tls(folder: Path, own: Certificates) -> Iterator[DatabaseServer]:
    with mariadb_server(folder / "mariadb", own) as server:
        server.execute("create table checks (check_id bigint, enterprise_name text, updated_at datetime)")
        server.execute("insert into checks values (1, '南京甲厂', '2026-11-20 08:00:00'), (2, '乙', null)")
        yield server


@pytest.fixture
def encrypted(kind: str, request: pytest.FixtureRequest, own: Certificates) -> Iterator[DatabaseServer]:
    """A server that has TLS, with two checks."""
    if kind != "postgres":
        yield request.getfixturevalue("mariadb_tls")
        return
    server: DatabaseServer = request.getfixturevalue("postgres")
    server.execute(
        "drop table if exists checks; create table checks (check_id int, enterprise_name text, updated_at timestamp);"
    )
    server.execute("insert into checks values (1, '南京甲厂', '2026-11-20 08:00:00'), (2, '乙', null);")
    placed = own.owned_by("postgres")
    server.execute(f"alter system set ssl_cert_file = '{placed.certificate}';")
    server.execute(f"alter system set ssl_key_file = '{placed.key}';")
    server.execute("alter system set ssl = on;")
    server.execute("select pg_reload_conf();")
    logins = Path(server.execute("show hba_file;").strip())
    who_may = logins.read_text()
    yield server
    logins.write_text(who_may)  # other tests' plain logins come to the same server
    server.execute("alter system set ssl = off;")
    server.execute("select pg_reload_conf();")


@pytest.fixture
def pulling(kind: str, tmp_path: Path) -> Pulling:
    """A pull of the checks with what the contract says of TLS."""

    def pulled(server: DatabaseServer, tls: str, root: Path | None = None, host: str = "127.0.0.1") -> PullResult:
        entry: dict[str, Any] = {
            "server": "frontdb",
            "type": kind,
            "host": host,
            "port": server.port,
            "database": server.database,
        }
        custom: dict[str, Any] = {"table": "checks"}
        if "+" in kind:
            checked = f"ssl_ca={root}" if tls == "verify" else "ssl_verify_cert=false"
            url = f"{kind}://{host}:{server.port}/{server.database}?charset=utf8mb4&{checked}"
            entry = {"server": "frontdb", "type": "sqlalchemy"}
            custom["url"] = url
        else:
            custom |= {"tls": tls} | ({"caFile": str(root)} if root else {})
        entry["customProperties"] = properties(**custom)
        return Desk(Home(tmp_path / "home"), pulled_feed(tmp_path, entry)).pull()

    return pulled


def test_a_server_with_the_right_certificate_is_read_over_tls(
    kind: str, encrypted: DatabaseServer, own: Certificates, pulling: Pulling
) -> None:
    if kind != "postgres":
        encrypted.execute("alter user puller@'127.0.0.1' require ssl")  # plain logins are turned away
    else:
        (Path(encrypted.execute("show hba_file;").strip())).write_text(
            "local all all trust\nhostssl all all all scram-sha-256\n"
        )
        encrypted.execute("select pg_reload_conf();")
    result = pulling(encrypted, "verify", own.root)
    assert (result.outcome, result.rows) == ("landed", 2), result.message


@pytest.mark.parametrize("wrong", ["root", "host", "missing"])
def test_a_certificate_that_does_not_hold_stops_the_pull(
    kind: str, wrong: str, encrypted: DatabaseServer, own: Certificates, foreign: Certificates, pulling: Pulling
) -> None:
    root = {"root": foreign.root, "host": own.root, "missing": own.root.with_name("nowhere.pem")}[wrong]
    result = pulling(encrypted, "verify", root, "localhost" if wrong == "host" else "127.0.0.1")
    assert (result.outcome, result.rows) == ("failed", 0)
    assert ("根证书" in str(result.message)) if wrong == "missing" else ("证书没有通过核验" in str(result.message))


def test_encryption_alone_takes_any_certificate(kind: str, encrypted: DatabaseServer, pulling: Pulling) -> None:
    assert pulling(encrypted, "require").outcome == "landed"


@pytest.mark.parametrize("tls", ["verify", "require"])
def test_a_server_without_tls_is_not_read_in_plain(
    kind: str, tls: str, request: pytest.FixtureRequest, own: Certificates, pulling: Pulling
) -> None:
    server: DatabaseServer = request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
    server.execute(
        "drop table if exists checks; create table checks (check_id int, enterprise_name text, updated_at timestamp);"
    )
    result = pulling(server, tls, own.root if tls == "verify" else None)
    assert (result.outcome, result.rows) == ("failed", 0)
    assert "没有改走明文" in str(result.message)
