"""The `jgt` command: every command explains itself with an example, in both languages, and fails with status 1."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.intake.take_in import prepare
from orchestration.cli.app import app

# also those of modules whose commands stand at the top level
COMMANDS = sorted(
    name
    for name, command in get_command(app).commands.items()
    if not hasattr(command, "commands")  # type: ignore[attr-defined]
)


def test_the_commands_are_the_promised_ones() -> None:
    promised = {"synth", "run", "status", "versions", "rollback", "sql", "serve", "demo", "doctor"}
    assert promised <= set(COMMANDS)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    shown = CliRunner().invoke(app, ["--version"])
    assert (shown.exit_code, shown.output) == (0, f"jgt {project['version']}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"jgt {command}" in shown.output.replace("\n", " ").replace("│", "")


GROUPS = sorted(
    (str(group.name), str(command.name or (command.callback.__name__ if command.callback else "")))
    for group in app.registered_groups
    if group.typer_instance and isinstance(group.name, str)
    for command in group.typer_instance.registered_commands
)


@pytest.mark.parametrize(("group", "command"), GROUPS)
def test_every_command_of_a_group_has_help_with_an_example(group: str, command: str) -> None:
    shown = CliRunner().invoke(app, [group, command, "--help"])
    assert shown.exit_code == 0
    assert f"jgt {group} {command}" in " ".join(shown.output.replace("│", "").split())


def test_english_on_request() -> None:
    command = [str(Path(sys.executable).with_name("jgt")), "rollback", "--help"]
    shown = subprocess.run(command, env={**os.environ, "JGT_LANG": "en"}, capture_output=True, text=True)
    assert "Example:" in shown.stdout
    assert "例：" not in shown.stdout


def test_a_wrong_date_is_said_with_the_right_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JGT_HOME", str(tmp_path))
    shown = CliRunner().invoke(app, ["run", "--date", "2026/11/20"])
    assert shown.exit_code == 2
    assert "2026-11-20" in shown.output


@pytest.mark.parametrize("command", [["sql", "select 1"], ["rollback"], ["serve", "--no-dagster"]])
def test_without_a_published_version_it_says_what_to_run(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JGT_HOME", str(tmp_path))
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 1
    assert "✘" in shown.output


def test_status_of_an_empty_state_folder_is_plain_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    monkeypatch.setenv("JGT_HOME", str(tmp_path))
    state = json.loads(CliRunner().invoke(app, ["status", "--json"]).output)
    assert state["published"] is None
    assert state["balanced"] is True
    assert state["quarantine_open"] == 0


@pytest.mark.parametrize("command", [["sql", "select 1"], ["rollback"], ["sql", "drop table x"]])
def test_errors_are_english_on_request(command: list[str], tmp_path: Path) -> None:
    called = [str(Path(sys.executable).with_name("jgt")), *command]
    environment = {**os.environ, "JGT_LANG": "en", "JGT_HOME": str(tmp_path)}
    shown = subprocess.run(called, env=environment, capture_output=True, text=True)
    assert shown.returncode == 1
    assert shown.stderr.startswith("✘ ")
    assert not any("\u4e00" <= character <= "\u9fff" for character in shown.stderr)


def test_status_lists_every_feed_also_one_that_never_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JGT_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    prepare(Home(tmp_path), load_feeds())
    shown = CliRunner().invoke(app, ["status"]).output
    for feed in load_feeds().values():
        assert feed.label in shown
    assert "从未报送" in shown
