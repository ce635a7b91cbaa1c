"""The copy for good of what came in: unchanged, read-only, named by its sha256."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from ingest.base.files import settle
from ingest.base.home import Home
from ingest.storage.landing import look

_SUFFIX = re.compile(r"\.[0-9a-z]{1,10}")
_COPY_BYTES = 1 << 18
# more at once and the kernel looks for as much memory in one piece: 1.6 GB then took it 2 to 3 CPU-s, so 0.8 (Linux 6.18, 2026-11)
_WRITE_BYTES = 1 << 14


class FileMoved(OSError):
    """A file that changed or went away while it was read; the next run finds it whole."""


def archive(home: Home, path: Path, sha256: str | None = None) -> tuple[str, Path]:
    """Keep a file for good: unchanged, named by its content, read-only.

    Args:
        home: the state folder.
        path: the file.
        sha256: of its content; None where it is not known yet, which spares a reading.

    Returns:
        The sha256, and the copy, which is what is read from here on: the landing may change under us.

    Raises:
        FileMoved: when the file changed or went away while it was copied.
    """
    suffix = path.suffix.lower()
    ending = suffix if _SUFFIX.fullmatch(suffix) else ""
    if sha256:
        target = _place(home, sha256, ending)
        if target.exists():
            return sha256, target
        temporary = target.with_name(f".{target.name}.tmp")
    else:  # named by where the file lies, so that what a killed run left is written over
        temporary = home.archive / f".{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.tmp"
    temporary.parent.mkdir(parents=True, exist_ok=True)
    temporary.unlink(missing_ok=True)  # it may be read-only
    try:
        before = look(path)
        copied = hashed_copy(path, temporary)
    except FileNotFoundError as error:
        raise FileMoved("读取期间被移走") from error
    if (sha256 is None and look(path) != before) or (sha256 is not None and copied != sha256):
        temporary.unlink()
        raise FileMoved("读取期间被改动")
    target = _place(home, copied, ending)
    if target.exists():
        temporary.unlink()
        return copied, target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o444)
    settle(temporary, target)
    return copied, target


def _place(home: Home, sha256: str, ending: str) -> Path:
    return home.archive / sha256[:2] / f"{sha256}{ending}"


def hashed_copy(path: Path, target: Path) -> str:
    """Copy a file; returns the sha256 of what was written, which need not be read again for it."""
    digest = hashlib.sha256()
    block = memoryview(bytearray(_COPY_BYTES))
    with path.open("rb", buffering=0) as source, target.open("wb", buffering=0) as out:
        while length := source.readinto(block):
            digest.update(block[:length])
            written = 0
            while written < length:  # unbuffered, a write may take less than it is given
                written += out.write(block[written : min(written + _WRITE_BYTES, length)])
    return digest.hexdigest()
