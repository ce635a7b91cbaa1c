"""Starting and stopping the servers of `jgt serve`: each in a group of its own, all ended together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from ingest.base.errors import ShownError
from orchestration.language import say


class PortTaken(ShownError, RuntimeError):
    """The port is in use; the message says how to choose another."""


class ServerDied(ShownError, RuntimeError):
    """A server ended by itself; the message names its log."""


def require_free_port(port: int, option: str) -> None:
    """Check that a server can listen on 127.0.0.1:port.

    Raises:
        PortTaken: naming the option that chooses another.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                say(
                    f"端口 {port} 已被占用。换一个：jgt 命令加 {option}，make demo 用 PORT=… 或 DAGSTER_PORT=…。",
                    f"port {port} is taken. Choose another: {option} of jgt, PORT=… or DAGSTER_PORT=… of make demo.",
                )
            ) from error


def stop_group(process: subprocess.Popen[bytes], patience_seconds: float = 15) -> None:
    """End a process and all that it started: asked first, then made to."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):  # then made to, below
            process.wait(patience_seconds)
    # the leader may be gone while a worker of its group is not
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Servers:
    """The servers of one `jgt serve`; leaving the context ends every one of them."""

    def __init__(self, log_folder: Path) -> None:
        """Args: log_folder: where each server's output goes, one file a server."""
        self._logs = log_folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Servers:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(list(self._running.values())):
            stop_group(process)

    def log_of(self, name: str) -> Path:
        """The log file of a server."""
        return self._logs / f"{name}.log"

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start one server; its output goes to its log."""
        with self.log_of(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                list(command),
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check_alive(self) -> None:
        """Raise ServerDied when one of them ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                tail = "\n".join(self.log_of(name).read_text("utf-8", "replace").splitlines()[-12:])
                raise ServerDied(
                    say(
                        f"{name} 意外退出（状态 {process.returncode}）。日志 {self.log_of(name)} 的末尾：\n{tail}",
                        f"{name} ended by itself (status {process.returncode}). End of its log {self.log_of(name)}:\n{tail}",
                    )
                )

    def wait_until_listening(self, place: int | Path, patience_seconds: float = 180) -> None:
        """Wait until a port of 127.0.0.1, or a socket file, accepts a connection.

        Raises:
            ServerDied: a server ended meanwhile, or the time ran out.
        """
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline:
            self.check_alive()
            is_port = isinstance(place, int)
            with socket.socket(socket.AF_INET if is_port else socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", place) if is_port else str(place)) == 0:
                    return
            time.sleep(0.2)
        raise ServerDied(
            say(
                f"{patience_seconds:.0f} 秒内 {place} 未就绪。",
                f"{place} not ready within {patience_seconds:.0f} s.",
            )
        )

    def watch(self) -> None:
        """Block until a server dies (raises) or the caller is interrupted."""
        while True:
            self.check_alive()
            time.sleep(1)
