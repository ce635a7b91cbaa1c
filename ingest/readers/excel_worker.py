"""Runs in a child process: opens workbooks with calamine and writes each sheet as numbered CSV.

calamine holds a whole sheet in memory and has no guard: a 5 KB file with two far cells aborts the process (measured
2026-11). So it runs here, under limits of address space and CPU, and serves one file after another: a job is one line
of JSON on stdin ({"path", "out"}), its answer one line on stdout. It imports nothing of ours.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ADDRESS_SPACE_BYTES = 3 << 30  # 1M rows × 17 columns took 1.3 GB (2026-11)
CPU_SECONDS_PER_FILE = 120


def limit_memory() -> None:
    """Cap the address space where the system can (Linux; macOS ignores it, there the CPU limit remains)."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    except (ImportError, ValueError, OSError):
        return


def limit_cpu() -> None:
    """Allow the next file its own share of CPU time beyond what is used so far."""
    try:
        import resource

        used = int(sum(os.times()[:2])) + 1
        resource.setrlimit(
            resource.RLIMIT_CPU, (used + CPU_SECONDS_PER_FILE, resource.getrlimit(resource.RLIMIT_CPU)[1])
        )
    except (ImportError, ValueError, OSError):
        return


def as_text(value: Any) -> str:
    """A cell as the text a CSV would hold: no `.0` on whole numbers, ISO dates, true/false.

    A number of 16 digits and more comes in scientific notation: Excel keeps 15 digits, the rest would be invented.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return f"{value:.14E}"
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") if value.time() != time() else value.strftime("%Y-%m-%d")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def sheets_to_csv(path: Path, out: Path) -> list[dict[str, Any]]:
    """Write every sheet of a workbook, hidden ones too, for they were sent all the same; returns name, path, rows and width of each."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    written = []
    # by content: from_path trusts the extension
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    for index, meta in enumerate(workbook.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(meta.name)
        rows = sheet.to_python(skip_empty_area=False)
        target = out / f"sheet{index}.csv"
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for number, cells in enumerate(rows, 1):
                writer.writerow((number, *(as_text(c) for c in cells)))
        width = max((len(r) for r in rows), default=0)
        written.append({"name": meta.name, "path": str(target), "rows": len(rows), "width": width})
    return written


def main() -> None:
    """Serve jobs until stdin closes."""
    limit_memory()
    for line in sys.stdin:
        job = json.loads(line)
        limit_cpu()
        try:
            answer: dict[str, Any] = {"sheets": sheets_to_csv(Path(job["path"]), Path(job["out"]))}
        except MemoryError:
            answer = {"error": "内存不足：工作表过大"}
        except Exception as error:  # whatever calamine raises means one thing: the file cannot be opened
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer, ensure_ascii=True) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
