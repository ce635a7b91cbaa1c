"""Secrets come from the environment or a 0600 file, and out of no text."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from typer.testing import CliRunner

from ingest.pulls.secrets import SecretsUnsafe, secrets_for
from orchestration.cli.app import app

PASSWORD = "p@ss 'word\\%41/口令"


def write(home: Path, text: str, mode: int = 0o600) -> Path:
    home.mkdir(exist_ok=True)
    file = home / "secrets.env"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "JGT_SECRET_YJGL_FRONT_DB_PASSWORD=from file\nJGT_SECRET_YJGL_FRONT_DB_USER=reader\n")
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONT_DB_PASSWORD", "from environment")
    found = secrets_for(tmp_path, "yjgl", "front-db")
    assert (found.get("PASSWORD"), found.get("USER"), found.get("TOKEN")) == ("from environment", "reader", None)


def test_the_file_has_comments_quotes_and_equal_signs(tmp_path: Path) -> None:
    write(tmp_path, "# 口令\n\nJGT_SECRET_A_B_PASSWORD = 'x=y z#'\nJGT_SECRET_A_B_TOKEN=a'b\n")
    found = secrets_for(tmp_path, "a", "b")
    assert (found.get("PASSWORD"), found.get("TOKEN")) == ("x=y z#", "a'b")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    write(tmp_path, "JGT_SECRET_A_B_PASSWORD=hidden", mode)
    with pytest.raises(SecretsUnsafe) as error:
        secrets_for(tmp_path, "a", "b")
    assert "chmod 600" in str(error.value)
    assert "hidden" not in str(error.value)


def test_a_line_that_is_none_is_named_by_number_and_not_shown(tmp_path: Path) -> None:
    write(tmp_path, "# x\nhidden-password\n")
    with pytest.raises(SecretsUnsafe, match="第 2 行") as error:
        secrets_for(tmp_path, "a", "b")
    assert "hidden" not in str(error.value)


def test_another_department_s_secrets_are_not_seen(tmp_path: Path) -> None:
    write(tmp_path, "JGT_SECRET_YJGL_B_PASSWORD=x")
    assert secrets_for(tmp_path, "scjg", "b").get("PASSWORD") is None


@pytest.mark.parametrize(
    "spelled", [PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), quote_plus(PASSWORD), repr(PASSWORD)[1:-1]]
)
def test_a_secret_goes_out_of_a_text_however_it_is_spelled(
    tmp_path: Path, spelled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JGT_SECRET_A_B_PASSWORD", PASSWORD)
    found = secrets_for(tmp_path, "a", "b")
    assert found.scrub(f"mysql://u:{spelled}@h/d failed") == "mysql://u:***@h/d failed"
    assert PASSWORD not in repr(found)


def test_a_fetched_token_is_hidden_too(tmp_path: Path) -> None:
    found = secrets_for(tmp_path, "a", "b")
    found.hide("tok-1")
    assert found.scrub("Bearer tok-1") == "Bearer ***"


def test_a_command_shows_what_is_unsafe_and_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JGT_HOME", str(tmp_path))
    (tmp_path / "secrets.env").write_text("JGT_SECRET_YJGL_SOURCE_PASSWORD=x\n")
    (tmp_path / "secrets.env").chmod(0o644)
    command = ["feed", "new", "postgresql://reader@127.0.0.1:1/exchange", "--table", "t", "--department", "yjgl"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1, done.output
    assert "600" in done.output
    assert "Traceback" not in done.output
