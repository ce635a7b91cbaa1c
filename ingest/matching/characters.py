"""Spelling that says nothing: widths, traditional characters, spaces, brackets, punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

_PASSES = 4


@cache
def _simplifier() -> Any:
    from opencc import OpenCC  # loading its tables costs 0.05 CPU-s

    return OpenCC("t2s")


@cache
def _plain() -> re.Pattern[str]:
    """What folding leaves as it is: digits, capitals, and characters that have no simpler form."""
    convert = _simplifier().convert
    every = "".join(map(chr, range(0x4E00, 0x9FA6)))
    kept = [c for c in every if convert(c) == c]
    return re.compile(f"[0-9A-Z{''.join(kept)}]*")


def fold(text: str | None) -> str:
    """A text without what departments spell differently: half width, upper case, simplified, letters and digits alone.

    Args:
        text: any text; None is empty.

    Returns:
        The folded text; folding it again changes nothing.
    """
    if not text:
        return ""
    folded = text
    for _ in range(_PASSES):  # a simplified character may have a compatibility form of its own
        if _plain().fullmatch(folded):
            return folded
        again = _once(folded)
        if again == folded:
            break
        folded = again
    return folded


def _once(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).upper()
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", wide)))
    return str(_simplifier().convert(plain))
