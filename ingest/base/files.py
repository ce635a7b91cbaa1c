"""Files hashed, and written so that a power cut leaves the old one or the new one, whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fsync(path: Path) -> None:
    """Have a file's bytes, or a folder's entries, on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle(temporary: Path, path: Path) -> None:
    """Give a finished temporary file in the same folder its name, for good."""
    fsync(temporary)
    temporary.replace(path)
    fsync(path.parent)


def settle_hashed(temporary: Path, path: Path) -> str:
    """As `settle`; returns the sha256 of what was settled."""
    digest = sha256_of(temporary)
    settle(temporary, path)
    return digest


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a text file whole or not at all; the folder is made.

    Args:
        path: the file.
        text: its content, written as UTF-8.
        mode: its rights from the first byte on; 0o600 for what is private.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    settle(temporary, path)
