"""What every `jgt` command shares: the example that ends its help, errors without a traceback, days as options."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import partial, wraps
from typing import Any, NoReturn

import typer

from orchestration.language import say


def example(*lines: str) -> str:
    """The example that ends a command's help."""
    return say("例：", "Example: ") + "  ·  ".join(f"[cyan]{line}[/cyan]" for line in lines)


def printer() -> Callable[[str], None]:
    """Prints to what standard output is now, also while a step sends its own output to a log."""
    return partial(typer.echo, file=sys.stdout)


def fail(message: str, status: int = 1) -> NoReturn:
    """End the command with a message on standard error."""
    typer.echo(f"✘ {message}", err=True)
    raise typer.Exit(status)


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Errors that say what to do are shown as such; anything else is a defect and keeps its traceback."""

    @wraps(command)
    def inner(*args: Any, **kwargs: Any) -> None:
        from ingest.base.errors import ShownError

        try:
            command(*args, **kwargs)
        except ShownError as error:
            fail(str(error))

    return inner


def day(text: str | None) -> date | None:
    """A day that was given as an option; ends the command with status 2 when it is none."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        fail(say(f"日期 {text!r} 不对，应为 2026-11-20 这样的格式。", f"{text!r} is no date like 2026-11-20."), 2)
