"""XLSX, XLS and ODS through calamine in a limited child process; titles, notes and total rows are kept apart from records."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any

from ingest.base.reasons import RefusedFile
from ingest.base.sql import literal, memory_connection
from ingest.feeds.model import Feed
from ingest.readers import excel_worker
from ingest.readers.sheets import Sheet, table_of
from ingest.readers.table import TextTable

MAX_UNPACKED_BYTES = 2 << 30
MAX_RATIO = 300  # honest workbooks unpack 5 to 40 times (2026-11); a bomb a thousand


class ExcelReader:
    """Reads workbooks in one child process, started at the first workbook and again after one that killed it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> ExcelReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def read(self, path: Path, feed: Feed, scratch: Path) -> TextTable:
        """Read every sheet that has the contract's header.

        Args:
            path: the archived workbook.
            feed: its contract.
            scratch: folder for the sheets' text.

        Raises:
            RefusedFile: FILE_EMPTY, FILE_UNREADABLE (also when it would not fit in memory) or HEADER_MISSING.
        """
        guard_size(path)
        answer = self._ask(path, scratch)
        sheets = [Sheet(s["name"], Path(s["path"]), s["rows"], s["top"]) for s in answer["sheets"]]
        return table_of(sheets, answer["hidden"], feed, scratch)

    def cells(self, path: Path, scratch: Path) -> dict[str, list[tuple[int, list[str]]]]:
        """Every sheet as it is, by name: (row number from 1, its cells as text).

        Raises:
            RefusedFile: FILE_EMPTY or FILE_UNREADABLE.
        """
        guard_size(path)
        found: dict[str, list[tuple[int, list[str]]]] = {}
        with memory_connection() as connection:
            for sheet in self._ask(path, scratch)["sheets"]:
                query = f"select * from read_parquet({literal(sheet['path'])}) order by _row" if sheet["rows"] else ""
                rows = connection.execute(query).fetchall() if query else []
                found[str(sheet["name"])] = [(number, [cell or "" for cell in cells]) for number, *cells in rows]
        return found

    def _ask(self, path: Path, scratch: Path) -> dict[str, Any]:
        child = self._start()
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps({"path": str(path), "out": str(scratch)}) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._stop()
            raise RefusedFile("FILE_UNREADABLE", "读取进程被系统终止：工作表过大或文件异常（内存或时间超限）")
        answer: dict[str, Any] = json.loads(line)
        if answer.get("encrypted"):
            raise RefusedFile("FILE_ENCRYPTED", "工作簿设了打开密码")
        if "error" in answer:
            raise RefusedFile("FILE_UNREADABLE", f"工作簿打不开（{answer['error']}）")
        return answer

    def _start(self) -> subprocess.Popen[str]:
        if self._child is None or self._child.poll() is not None:
            # -I: no user site, no PYTHON* variables; the worker is run as a file, so that it imports nothing of ours
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(Path(excel_worker.__file__))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        return self._child

    def _stop(self) -> None:
        if self._child is None:
            return
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        try:
            self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None


def guard_size(path: Path) -> None:
    """Refuse a workbook that unpacks to far more than it weighs, before anything opens it.

    Raises:
        RefusedFile: FILE_EMPTY or FILE_UNREADABLE.
    """
    size = path.stat().st_size
    if size == 0:
        raise RefusedFile("FILE_EMPTY", "文件为 0 字节")
    if not zipfile.is_zipfile(path):
        return  # BIFF .xls is no zip archive; calamine says what else it may be
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise RefusedFile("FILE_UNREADABLE", "压缩目录已损坏") from error
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > 50 << 20 and unpacked > MAX_RATIO * size):
        raise RefusedFile(
            "FILE_UNREADABLE", f"解压后 {unpacked >> 20} MB，是文件的 {unpacked // size} 倍，疑为压缩炸弹"
        )
