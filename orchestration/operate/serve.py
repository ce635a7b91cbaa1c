"""`jgt serve`: Superset and Dagster's page on loopback, provisioned first, ended together."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from ingest.base.errors import ShownError
from ingest.base.files import write_text
from ingest.base.home import Home
from orchestration.language import say
from orchestration.operate.processes import Servers, require_free_port

ROOT = Path(__file__).resolve().parents[2]


class NothingToServe(ShownError, RuntimeError):
    """No published version, or no Superset environment; the message says what to run."""


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def superset_environment(home: Home) -> dict[str, str]:
    """What the dashboards room asks of its surroundings."""
    from orchestration.publish.publishing import published_manifest_path

    return {
        "JGT_HOME": str(home.root),
        "JGT_MANIFEST": str(published_manifest_path(home)),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def superset_python() -> Path:
    """Python of the Superset environment.

    Raises:
        NothingToServe: it is not set up.
    """
    python = ROOT / ".venv-bi" / "bin" / "python"
    if not python.exists():
        raise NothingToServe(
            say(
                "看板环境 .venv-bi 还没有。请先运行 make setup。",
                "the environment .venv-bi is missing. Run make setup first.",
            )
        )
    return python


def dagster_environment(home: Home) -> dict[str, str]:
    """What Dagster's processes ask of their surroundings."""
    return {"JGT_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster), "DAGSTER_DISABLE_TELEMETRY": "1"}


def serve_until_interrupted(home: Home, port: int, dagster_port: int | None, emit: Callable[[str], None]) -> None:
    """Provision and start the servers, say where they are, and wait for Ctrl-C (or SIGTERM).

    Args:
        home: state folder with a published version.
        port: Superset's port on 127.0.0.1.
        dagster_port: Dagster's port; None leaves Dagster out.
        emit: takes each line for people.

    Raises:
        NothingToServe: nothing is published yet, or Superset is not set up.
        PortTaken: a port is in use.
        ServerDied: a server ended by itself.
    """
    from orchestration.publish.publishing import current_version
    from orchestration.run.daily import write_dagster_settings

    if current_version(home) is None:
        raise NothingToServe(
            say(
                "还没有发布过版本。先运行 jgt run（或 jgt demo）。",
                "nothing is published yet. Run jgt run (or jgt demo).",
            )
        )
    python = superset_python()
    require_free_port(port, "--port")
    if dagster_port is not None:
        require_free_port(dagster_port, "--dagster-port")
    previous = signal.signal(signal.SIGTERM, _interrupted)
    try:
        with Servers(home.root / "logs") as servers:
            _provision(home, python, servers, emit)
            settings = superset_environment(home)
            servers.start("superset", [str(python), "-m", "dashboards.serve", "--port", str(port)], settings, ROOT)
            if dagster_port is not None:
                write_dagster_settings(home)
                _start_dagster(home, servers, dagster_port)
            servers.wait_until_listening(port)
            if dagster_port is not None:
                servers.wait_until_listening(dagster_port)
            _announce(home, port, dagster_port, emit)
            servers.watch()
    except KeyboardInterrupt:
        emit(say("\n✔ 已全部停止。", "\n✔ everything is stopped."))
    finally:
        signal.signal(signal.SIGTERM, previous)


def _provision(home: Home, python: Path, servers: Servers, emit: Callable[[str], None]) -> None:
    import subprocess

    emit(say("▶ 配置看板（首次约半分钟）", "▶ provisioning dashboards (about half a minute the first time)"))
    process = subprocess.Popen(
        [str(python), "-m", "dashboards.provision"],
        cwd=ROOT,
        env={**os.environ, **superset_environment(home)},
        stdout=subprocess.PIPE,
        stderr=servers.log_of("provision").open("wb"),
        text=True,
        start_new_session=True,
    )
    try:
        for line in process.stdout or ():
            emit(f"    {line.rstrip()}")
        status = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if status != 0:
        log = servers.log_of("provision")
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-12:])
        raise NothingToServe(
            say(f"看板配置失败，日志 {log} 的末尾：\n{tail}", f"provisioning failed; end of {log}:\n{tail}")
        )


def _start_dagster(home: Home, servers: Servers, port: int) -> None:
    """One server holds our definitions for page and daemon alike: left alone, the daemon starts another every minute."""
    scripts = Path(sys.executable).parent
    environment = dagster_environment(home)
    socket = code_socket(home)
    socket.unlink(missing_ok=True)
    places = home.dagster / "workspace.yaml"
    write_text(places, json.dumps({"load_from": [{"grpc_server": {"socket": str(socket), "location_name": "jgt"}}]}))
    code = [str(scripts / "dagster"), "code-server", "start", "--socket", str(socket)]
    servers.start("dagster-code", [*code, "-m", "orchestration.run.definitions"], environment, ROOT)
    servers.wait_until_listening(socket)
    workspace = ["--workspace", str(places)]
    page = [str(scripts / "dagster-webserver"), "--host", "127.0.0.1", "--port", str(port), *workspace]
    servers.start("dagster", page, environment, ROOT)
    servers.start("dagster-daemon", [str(scripts / "dagster-daemon"), "run", *workspace], environment, ROOT)


def code_socket(home: Home) -> Path:
    """Where Dagster's processes reach our definitions: closed to other users, and in no folder that is backed up."""
    own = hashlib.sha256(str(home.root.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"jgt-{os.getuid()}-{own}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "code.sock"


def _announce(home: Home, port: int, dagster_port: int | None, emit: Callable[[str], None]) -> None:
    from orchestration.publish.publishing import current_version

    passwords = home.superset / "passwords.txt"
    emit("")
    emit(say(f"✔ 看板     http://127.0.0.1:{port}", f"✔ dashboards  http://127.0.0.1:{port}"))
    if dagster_port is not None:
        emit(say(f"✔ 运维页   http://127.0.0.1:{dagster_port}", f"✔ operations  http://127.0.0.1:{dagster_port}"))
    emit(say("  用户     admin leader analyst steward clerk", "  users       admin leader analyst steward clerk"))
    emit(say(f"  密码在   {passwords}（仅本用户可读）", f"  passwords   {passwords} (readable by you alone)"))
    emit(say(f"  版本     {current_version(home)}", f"  version     {current_version(home)}"))
    emit(say("  按 Ctrl-C 停止", "  Ctrl-C stops everything"))
