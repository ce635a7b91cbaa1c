"""The language of what people read in a terminal: Chinese, or English with `JGT_LANG=en`."""

from __future__ import annotations

import os


def is_chinese() -> bool:
    """Whether messages are Chinese (the default)."""
    return not os.environ.get("JGT_LANG", "zh").lower().startswith("en")


def say(chinese: str, english: str) -> str:
    """The one of two wordings that fits `JGT_LANG`."""
    return chinese if is_chinese() else english
