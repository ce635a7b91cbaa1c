"""The child process that judges: imports Great Expectations once, then forks for every request.

The import costs 4–6 CPU-seconds and is shared by all judgements of a program; the fork dies with its connections, so
no lock on a build file outlives the judgement. A fork server of our own and not that of multiprocessing, which would
import the caller's main module again in every child.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import traceback
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from quality.judge import Answer, Progress, Request, import_great_expectations, judge

_ROOT = Path(__file__).parent.parent


class JudgeProcess:
    """One server process; started at the first request, or earlier by `start`, ended with this program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._channel: Connection | None = None

    def start(self) -> int:
        """Start the server if it is not running; it imports Great Expectations while the caller goes on.

        Returns:
            Its process id.
        """
        if self._server is None or self._server.poll() is not None:
            self.stop()
            ours, theirs = Pipe()
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
            self._server = subprocess.Popen(
                [sys.executable, "-m", "quality.judge_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # so that its forks can be ended together with it
            )
            theirs.close()
            self._channel = ours
            atexit.register(self.stop)
        return self._server.pid

    def ask(self, request: Request, timeout_seconds: float) -> Answer | str:
        """Have a request judged.

        Args:
            request: what to judge.
            timeout_seconds: wall time from one table to the next; the first one's includes the server's start.

        Returns:
            The answer, or in Chinese why there is none: it died, or took too long.
        """
        with self._lock:
            try:
                self.start()
                assert self._channel is not None  # start() made it
                self._channel.send(request)
                answer: Answer | Progress | str = Progress(0, len(request.suites))
                while isinstance(answer, Progress):
                    if not self._channel.poll(timeout_seconds):
                        self.stop()
                        return f"子进程在第 {answer.judged + 1} 张表上超过 {timeout_seconds:g} 秒未完成，已结束"
                    answer = self._channel.recv()
            except (EOFError, OSError):
                self.stop()
                return "判定子进程中途退出"
            except BaseException:  # Ctrl-C: nothing that was started here goes on
                self.stop()
                raise
            return answer

    def stop(self) -> None:
        """End the server and what it forked."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._server is not None:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None


def serve(channel: Connection) -> None:
    """Answer requests until the other side closes. Each is judged in a fork."""
    import_great_expectations()
    while True:
        try:
            request = channel.recv()
        except EOFError:
            return
        inner, outer = Pipe(duplex=False)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                outer.send(judge(request, outer.send))
                code = 0
            except BaseException:
                traceback.print_exc()  # to the operator's log; the asker hears of the status
            finally:
                os._exit(code)  # no atexit, no finalizers: they belong to the server
        outer.close()
        answer = None
        with contextlib.suppress(EOFError):  # the child died
            while isinstance(heard := inner.recv(), Progress):
                channel.send(heard)
            answer = heard
        inner.close()
        # only when the child is gone are its locks on the build file gone too
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        channel.send(answer if answer is not None else f"判定子进程中途退出（状态 {code}）")


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
