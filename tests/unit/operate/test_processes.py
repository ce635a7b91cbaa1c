"""Servers: a taken port is said with the way out; leaving ends everything, also what a server itself started."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from orchestration.operate.processes import PortTaken, ServerDied, Servers, require_free_port

SERVER = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_taken_port_names_the_option_that_chooses_another() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(PortTaken, match="--port"):
            require_free_port(holder.getsockname()[1], "--port")


def test_leaving_ends_the_server_and_what_it_started(tmp_path: Path) -> None:
    port = _free_port()
    with Servers(tmp_path) as servers:
        servers.start("one", [sys.executable, "-c", SERVER, str(port)], {}, tmp_path)
        servers.wait_until_listening(port, 30)
        grandchild = int(servers.log_of("one").read_text().split()[0])
        assert psutil.pid_exists(grandchild)
    deadline = time.monotonic() + 20  # it was killed; the machine may be slow to bury it
    while not _is_gone(grandchild):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    require_free_port(port, "--port")


def test_a_server_that_dies_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        servers.start(
            "one", [sys.executable, "-c", "raise SystemExit('库打不开')"], {"PYTHONIOENCODING": "utf-8"}, tmp_path
        )
        with pytest.raises(ServerDied, match="库打不开"):
            servers.wait_until_listening(_free_port(), 30)
