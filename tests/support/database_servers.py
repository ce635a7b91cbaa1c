"""Real PostgreSQL and MariaDB servers for tests: on loopback, data in a temporary folder, under an unprivileged user."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

SECRET = "口令-p@ss/w:rd%41#x"  # every character that a URL, a shell or a connection string may trip over
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class DatabaseServer:
    """A running server: a superuser without password on its socket, and `puller` with SECRET over TCP."""

    port: int
    database: str
    process: psutil.Process
    client: Sequence[str]

    def execute(self, sql: str) -> str:
        """Run SQL as the superuser; returns what the server's own client prints."""
        done = subprocess.run(self.client, input=sql, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self) -> None:
        """End the server without a word to its clients, as a power cut would."""
        for process in [*self.process.children(recursive=True), self.process]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(_PATIENCE_SECONDS)


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Certificates:
    """A root certificate of our own, and a server's certificate for 127.0.0.1 that it signed."""

    root: Path
    certificate: Path
    key: Path

    def owned_by(self, account: str) -> Certificates:
        """The server's key where the server may read it, and nobody else."""
        if os.geteuid() == 0:
            os.chown(self.key, pwd.getpwnam(account).pw_uid, -1)
        return self


def certificates(folder: Path) -> Certificates:
    """Make them; skips where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("没有 openssl 程序（Debian：apt-get install openssl）")
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    root, root_key = folder / "root.pem", folder / "root.key"
    made = Certificates(root, folder / "server.pem", folder / "server.key")
    new = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    _run([*new, "-subj", "/CN=Test Root", "-keyout", str(root_key), "-out", str(root)], None)
    _run(
        [*new, "-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
         "-CA", str(root), "-CAkey", str(root_key), "-keyout", str(made.key), "-out", str(made.certificate)],
        None,
    )  # fmt: skip
    made.key.chmod(0o600)
    return made


@contextmanager
def postgres_server(folder: Path) -> Iterator[DatabaseServer]:
    """A PostgreSQL with its data under `folder`; skips where its programs are not installed."""
    programs = next((p.parent for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
    if programs is None:
        pytest.skip("没有 PostgreSQL 服务器程序（Debian：apt-get install postgresql）")
    port, data = free_port(), folder / "data"
    account = _prepare(folder, "postgres")
    _run([str(programs / "initdb"), "-D", str(data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
          "--no-sync"], account)  # fmt: skip
    settings = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "fsync": "off",
        "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "32MB", "max_connections": 20,
        "timezone": "UTC",
    }  # fmt: skip
    # before it starts: a reload is not through when it has been asked for
    (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    with _running([str(programs / "postgres"), "-D", str(data), *(f"--{k}={v}" for k, v in settings.items())],
                  account, folder / "log") as process:  # fmt: skip
        client = [str(programs / "psql"), "-h", str(folder), "-p", str(port), "-U", "owner", "-d", "postgres", "-q", "-At",
                  "-v", "ON_ERROR_STOP=1"]  # fmt: skip
        _wait(client, "select 1", process, folder / "log")
        server = DatabaseServer(port, "postgres", process, client)
        secret = SECRET.replace("'", "''")
        server.execute(f"create role puller login password '{secret}'; grant pg_read_all_data to puller;")
        yield server


@contextmanager
def mariadb_server(folder: Path, tls: Certificates | None = None) -> Iterator[DatabaseServer]:
    """A MariaDB with its data under `folder`, with TLS if it has certificates; skips where its programs are not installed."""
    install, program = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if install is None or program is None:
        pytest.skip("没有 MariaDB 服务器程序（Debian：apt-get install mariadb-server）")
    port, data = free_port(), folder / "data"
    account = _prepare(folder, "mysql")
    _run([install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db",
          "--skip-name-resolve"], account)  # fmt: skip
    command = [
        program, "--no-defaults", f"--datadir={data}", f"--socket={folder}/socket", f"--port={port}",
        "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
        "--innodb-buffer-pool-size=32M", "--character-set-server=utf8mb4", "--sql-mode=", "--skip-log-bin",
        "--performance-schema=OFF", f"--pid-file={folder}/pid", "--default-time-zone=+00:00",
    ]  # fmt: skip
    if tls:
        own = tls.owned_by("mysql")
        command += [f"--ssl-ca={own.root}", f"--ssl-cert={own.certificate}", f"--ssl-key={own.key}"]
    with _running(command, account, folder / "log") as process:
        client = ["mariadb", "--no-defaults", f"--socket={folder}/socket", "-u", "root", "-N", "-B",
                  "--default-character-set=utf8mb4"]  # fmt: skip
        _wait(client, "select 1", process, folder / "log")
        server = DatabaseServer(port, "exchange", process, [*client, "exchange"])
        subprocess.run(client, input="create database exchange", text=True, check=True)
        server.execute(
            f"create user puller@'127.0.0.1' identified by '{SECRET}'; grant select on *.* to puller@'127.0.0.1'"
        )
        yield server


def _prepare(folder: Path, account: str) -> str | None:
    """Make the folder and hand it to an unprivileged account; None when we are unprivileged ourselves.

    The folder lies outside pytest's own, whose parents only their owner may enter.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(account)
    os.chown(folder, user.pw_uid, grp.getgrgid(user.pw_gid).gr_gid)
    return account


def _run(command: Sequence[str], account: str | None) -> None:
    done = subprocess.run(command, user=account, group=account, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _running(command: Sequence[str], account: str | None, log: Path) -> Iterator[psutil.Process]:
    with log.open("w") as output:
        started = subprocess.Popen(command, user=account, group=account, stdout=output, stderr=output, cwd="/")
    try:
        yield psutil.Process(started.pid)
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGINT if "postgres" in command[0] else signal.SIGTERM)
            try:
                started.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def _wait(client: Sequence[str], sql: str, process: psutil.Process, log: Path) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while subprocess.run(client, input=sql, capture_output=True, text=True).returncode != 0:
        assert process.is_running() and time.monotonic() < until, log.read_text("utf-8", "replace")
        time.sleep(0.1)
