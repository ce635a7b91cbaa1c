"""Serve Superset on this machine: `python -m dashboards.serve [--port 8088]` (environment .venv-bi).

One gunicorn worker with threads (DuckDB releases the interpreter while it works; all connections of a process share
one open file). SIGTERM or SIGINT ends it and its worker. Bound to 127.0.0.1 only: put a TLS proxy in front for others.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
import time
import urllib.request
from typing import Any

from dashboards import credentials, provision

HOST = "127.0.0.1"
DEFAULT_PORT = 8088
THREADS = 8
READY_WITHIN_SECONDS = 120


def port_is_free(port: int) -> bool:
    """Whether nothing listens on the loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def announce(port: int) -> None:
    """Say when the page answers; a page that never answers is reported too. Runs beside the server."""
    address = f"http://{HOST}:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            with direct.open(f"{address}/health", timeout=5) as answer:
                if answer.status == 200:
                    print(f"Superset 已就绪：{address}/superset/dashboard/overview/", flush=True)
                    return
        except OSError:
            time.sleep(0.3)
    print(
        f"Superset 在 {READY_WITHIN_SECONDS} 秒内没有应答 {address}/health；请查看上方日志", file=sys.stderr, flush=True
    )


def run(port: int) -> None:
    """Serve until a signal comes."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        """gunicorn without its command line."""

        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"{HOST}:{port}",
                "workers": 1,
                "preload_app": True,  # the port opens when the application is loaded, so a listening port answers
                "worker_class": "gthread",
                "threads": THREADS,
                "timeout": 120,
                "graceful_timeout": 5,
                "loglevel": "warning",
                "proc_name": "jgt-superset",
                # in the worker: a thread in the master would hold locks at the fork
                "post_worker_init": lambda _: threading.Thread(target=announce, args=(port,), daemon=True).start(),
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from superset.app import create_app

            return create_app()

    Server().run()


def main() -> int:
    """Command line; exit status 1 if the port is taken or secrets are missing."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.serve", description="启动 Superset（仅本机访问）")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="端口，默认 8088")
    port = parser.parse_args().port
    if not port_is_free(port):
        print(f"端口 {port} 已被占用；请用 --port 指定其他端口，例如 --port {port + 1}", file=sys.stderr)
        return 1
    try:
        credentials.read_secrets()
    except credentials.StateMissing as problem:
        print(f"无法启动 Superset：{problem}", file=sys.stderr)
        return 1
    provision.use_our_configuration()
    os.environ.setdefault("SUPERSET_ENV", "production")
    run(port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
