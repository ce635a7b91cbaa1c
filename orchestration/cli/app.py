"""The `jgt` command: thin; each command imports what it needs, so that `jgt --help` stays quick."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import backfill, feed, look_up, match, pull, quarantine, run, serve
from orchestration.language import say


def show_version(is_asked: bool) -> None:
    """Print the version and end, when it is asked for."""
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"jgt {version('jgt')}")
        raise typer.Exit


app = typer.Typer(
    name="jgt",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=say(
        "监管通数仓：收数、建仓、把关、发布、看板。状态在 $JGT_HOME（默认 ./var）。",
        "JianGuanTong warehouse: take in, build, judge, publish, show. State lives in $JGT_HOME (default ./var).",
    ),
)


@app.callback()
def _jgt(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help=say("显示版本后结束", "show the version and end")
        ),
    ] = False,
) -> None:
    """Options of the command itself."""


app.add_typer(run.app)
app.add_typer(look_up.app)
app.add_typer(serve.app)
app.add_typer(feed.app, name="feed")
app.add_typer(match.app, name="match")
app.add_typer(pull.app)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(backfill.app)


if __name__ == "__main__":
    app()
