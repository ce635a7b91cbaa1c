"""Runs in a child process: opens workbooks with calamine and writes each sheet as a Parquet file of text.

calamine holds a whole sheet in memory and has no guard: a 5 KB file with two far cells aborts the process (measured
2026-11). So it runs here, under limits of address space and CPU, and serves one file after another: a job is one line
of JSON on stdin ({"path", "out"}), its answer one line on stdout. It imports nothing of ours.

Cells come from fastexcel as Arrow text, without a Python object a cell (1.9 CPU-s for 200k × 17 cells where
python-calamine takes 2.8, 2026-11). It gives every cell as text, which leaves three doubts, settled in `_exact`: what is
an error, a date without time, a number with more digits than a spreadsheet keeps.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import zipfile
from array import array
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

ADDRESS_SPACE_BYTES = 3 << 30  # a full sheet of 1M rows × 17 columns needs 2 GB (2026-11)
CPU_SECONDS_PER_FILE = 120
TOP_ROWS = 24  # what the header is looked for in
ERRORS = {
    "NA": "#N/A",
    "Ref": "#REF!",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
# a number of 16 digits and more in a cell of type number: Excel keeps 15
_LONG_NUMBER = re.compile(rb">-?(?:[0-9]{16,}|[0-9.]+[eE]\+?(?:1[5-9]|[2-9][0-9]|[0-9]{3}))[0-9]*</(?:\w+:)?v>")
# the same, coarsely, with every digit as 0: bytes are found 3 times as fast as the pattern (2026-11)
_ZEROS = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))
_COARSE = (b">" + b"0" * 16, b">-" + b"0" * 16, b"E+00", b"e+00", b"E00<", b"e00<")
# held to the first character, where most texts already differ: a third of what a search takes in long texts (2026-11)
_DOUBTFUL = r"^(?:-?[0-9]{16,}$|-?[0-9]+\.[0-9]{9}$|-?[0-9]{7,}\.[0-9]{4,9}$|[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00$|1899-12-3[01] )"
_SHORTEST_DOUBT = 11  # bytes: 0.123456789
_LONG_DIGITS = r"^-?[0-9]{16,}$"
_MIDNIGHT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00$"
_TIME_ALONE = r"^1899-12-3[01] ([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?$"
_NOISY = r"^-?[0-9]+\.[0-9]{4,9}$"
_BLOCK = 1 << 20
_GROUP_ROWS = 122_880


class _Without:
    """Arrow looks for NumPy when it starts and for pandas at its first value; nothing here needs either.

    Of a small workbook's 0.6 CPU-s pandas took 0.3 and NumPy 0.1 (2026-11).
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Says that there is neither; all else is found elsewhere."""
        if name in ("numpy", "pandas"):
            raise ModuleNotFoundError(name)


class Inexact(Exception):
    """Cells that only calamine's own types tell apart: the sheet is read again, cell by cell."""


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


def read_workbook(path: Path, out: Path) -> dict[str, Any]:
    """Write every visible sheet of a workbook as text.

    Args:
        path: the workbook.
        out: folder for a Parquet file a sheet: `_row`, the sheet's row number from 1, then c0, c1, … as text.

    Returns:
        `sheets`: name, path, rows, width and the first rows of each; `hidden`: names of the sheets that were left out.
    """
    import fastexcel

    content = path.read_bytes()  # by content: a path would be trusted for its extension
    book = fastexcel.read_excel(content)
    visible = _visible(content)
    written, hidden = [], []
    for index, name in enumerate(book.sheet_names):
        if not visible.get(name, True):
            hidden.append(name)
            continue
        try:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        except fastexcel.FastExcelError as error:
            if "not a valid worksheet" in str(error) or "is not a worksheet" in str(error):
                continue  # a chart or macro sheet
            raise
        if sheet.visible != "visible":
            hidden.append(name)
            continue
        target = out / f"sheet{index}.parquet"
        columns = _columns(sheet, content, name)
        rows = len(columns[0]) if columns else 0
        top = [list(row) for row in zip(*(c.slice(0, TOP_ROWS).to_pylist() for c in columns), strict=True)]
        if rows:
            _write(columns, rows, target)
        top = [[cell or "" for cell in row] for row in top]
        written.append({"name": name, "path": str(target), "rows": rows, "width": len(columns), "top": top})
    return {"sheets": written, "hidden": hidden}


def _write(columns: list[Any], rows: int, target: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    names = ["_row", *(f"c{place}" for place in range(len(columns)))]
    numbers = pyarrow.py_buffer(array("q", range(1, rows + 1)))
    table = pyarrow.table([pyarrow.Array.from_buffers(pyarrow.int64(), rows, [None, numbers]), *columns], names=names)
    # plain pages, not pressed, in groups of the size DuckDB reads: of what was tried the cheapest to write and to read
    # (200k × 17 cells: 0.07 and 0.10 CPU-s, by snappy 0.11 and 0.13; 2026-11)
    pyarrow.parquet.write_table(
        table, target, compression="none", use_dictionary=False, write_statistics=False, row_group_size=_GROUP_ROWS
    )


def _columns(sheet: Any, content: bytes, name: str) -> list[Any]:
    """The sheet's columns as text, exact."""
    batch, errors = sheet.to_arrow_with_errors()
    columns = list(batch.columns)
    found: dict[int, dict[int, str]] = {}
    is_exact = True
    for error in errors.errors if errors else ():
        kind = re.search(r"Error\((\w+)\)", error.detail)
        if kind is None:
            is_exact = False  # no error but a type that fastexcel has no text for, as ODS's durations
            continue
        row, column = error.offset_position
        found.setdefault(column, {})[row] = ERRORS.get(kind.group(1), "#N/A")
    has_long_number = cache(lambda: _has_long_number(content, name))
    try:
        if not is_exact:
            raise Inexact
        columns = [_exact(column, has_long_number) for column in columns]
    except Inexact:
        columns = _cell_by_cell(content, name, batch.num_rows, batch.num_columns)
    for place, cells in found.items():
        columns[place] = _with_errors(columns[place], cells)
    return columns


def _exact(column: Any, has_long_number: Callable[[], bool]) -> Any:
    """A column's text as a person sees it: no midnight on dates, no binary noise in numbers.

    Raises:
        Inexact: when a long row of digits may be a number that lost its last ones, which its text alone cannot tell.
    """
    import pyarrow
    import pyarrow.compute as pc

    # most columns hold nothing so long but their header; those cells need not be looked through
    cells = column.filter(pc.greater_equal(pc.binary_length(column), _SHORTEST_DOUBT))
    doubtful = pc.match_substring_regex(cells, _DOUBTFUL)
    if not pc.any(doubtful).as_py():
        return column
    texts = pc.unique(cells.filter(doubtful))
    long = texts.filter(pc.match_substring_regex(texts, _LONG_DIGITS)).to_pylist()
    # a number is shown with all the digits of its binary value, a text hardly ever is
    if any(str(int(float(text))) == text for text in long) and has_long_number():
        raise Inexact
    if len(long) == len(texts):
        return column
    midnight = pc.match_substring_regex(column, _MIDNIGHT)
    if pc.any(midnight).as_py():
        column = pc.if_else(midnight, pc.utf8_slice_codeunits(column, 0, 10), column)
    if pc.any(pc.match_substring_regex(texts, _TIME_ALONE)).as_py():
        column = pc.replace_substring_regex(column, _TIME_ALONE, r"\1")
    numbers = texts.filter(pc.match_substring_regex(texts, _NOISY)).to_pylist()
    noisy = {text: clear for text in numbers if (clear := _without_noise(text)) != text}
    if noisy:
        column = pyarrow.array([noisy.get(text, text) for text in column.to_pylist()], pyarrow.string())
    return column


def _without_noise(text: str) -> str:
    """12345678901.229999542, as nine decimals show the binary value, is 12345678901.23."""
    value = float(text)
    shown = f"{value:.9f}".rstrip("0")
    shortest = format(Decimal(repr(value)), "f")
    return shortest if shown == text and len(shortest) < len(text) else text


def _with_errors(column: Any, cells: dict[int, str]) -> Any:
    import pyarrow

    texts = column.to_pylist()
    for row, text in cells.items():
        texts[row] = text
    return pyarrow.array(texts, pyarrow.string())


def _cell_by_cell(content: bytes, name: str, rows: int, width: int) -> list[Any]:
    """The sheet's columns through calamine's own types, for as many rows and columns as fastexcel saw."""
    import pyarrow
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name)
    # fastexcel leaves out empty columns on the left, calamine does on request, and empty rows above with them
    above = sheet.start[0] if sheet.start else 0
    cells: list[list[str]] = [[""] * above for _ in range(width)]
    for row in sheet.to_python(skip_empty_area=True):
        for place in range(width):
            cells[place].append(as_text(row[place]))
    if any(len(column) != rows for column in cells):
        raise ValueError("两种读法的行数不同")
    return [pyarrow.array(column, pyarrow.string()) for column in cells]


def _visible(content: bytes) -> dict[str, bool]:
    """Sheet → whether it is shown; empty where the workbook's form does not say so before its sheets are read."""
    return {name: shown for name, shown, _ in _sheet_members(content)}


def _sheet_members(content: bytes) -> Iterator[tuple[str, bool, str]]:
    """Of an XLSX: each sheet's name, whether it is shown, and the archive member that holds it."""
    from defusedxml.ElementTree import fromstring

    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return
        targets = {
            e.get("Id"): e.get("Target", "") for e in fromstring(archive.read("xl/_rels/workbook.xml.rels")).iter()
        }
        for element in fromstring(archive.read("xl/workbook.xml")).iter():
            if element.tag.rsplit("}", 1)[-1] == "sheet":
                link = next((v for k, v in element.attrib.items() if k.rsplit("}", 1)[-1] == "id"), "")
                target = targets.get(link, "")
                member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                yield element.get("name", ""), element.get("state", "visible") == "visible", member


def _has_long_number(content: bytes, name: str) -> bool:
    """Whether a sheet holds a number of 16 digits or more; True where its form does not let us look."""
    for sheet, _, member in _sheet_members(content):
        if sheet == name:
            with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(member) as source:
                tail = b""
                while block := source.read(_BLOCK):
                    text = tail + block
                    coarse = text.translate(_ZEROS)
                    if any(needle in coarse for needle in _COARSE) and _LONG_NUMBER.search(text):
                        return True
                    tail = block[-64:]
            return False
    return True


def main() -> None:
    """Serve jobs until stdin closes."""
    # Arrow's own allocator reserves 1 GB of addresses that it never fills; 200k × 17 cells then peak at 0.7 GB (2026-11)
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    sys.meta_path.insert(0, _Without())
    limit_memory()
    for line in sys.stdin:
        job = json.loads(line)
        limit_cpu()
        try:
            answer = read_workbook(Path(job["path"]), Path(job["out"]))
        except MemoryError:
            answer = {"error": "内存不足：工作表过大"}
        except BaseException as error:  # also a panic inside calamine: whatever it is, the file cannot be opened
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            answer = {"error": type(error).__name__, "encrypted": "password" in str(error).lower()}
        sys.stdout.write(json.dumps(answer, ensure_ascii=True) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
