"""ZIP and GZ whose bytes depend on their content alone."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path

from ingest.synthetic.forms.rows import STAMP


def pack(path: Path, kind: str) -> Path:
    """Pack one file and remove it.

    Args:
        path: the file.
        kind: `zip` (the file goes in under its own name) or `gz`.

    Returns:
        The packed file: `….zip` in place of the suffix, `….csv.gz` behind it.
    """
    if kind == "gz":
        target = path.with_name(path.name + ".gz")
        with path.open("rb") as source, target.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
            shutil.copyfileobj(source, out, 1 << 20)
    else:
        target = path.with_suffix(".zip")
        with (
            zipfile.ZipFile(target, "w") as archive,
            path.open("rb") as source,
            archive.open(entry(path.name), "w", force_zip64=True) as out,
        ):
            shutil.copyfileobj(source, out, 1 << 20)
    path.unlink()
    return target


def entry(name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """A member's entry with a fixed time and mode."""
    info = zipfile.ZipInfo(name, (STAMP.year, STAMP.month, STAMP.day, 0, 0, 0))
    info.compress_type = method
    info.external_attr = 0o644 << 16
    info.create_system = 3  # the same bytes on every system
    return info
