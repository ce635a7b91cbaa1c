"""Superset's secrets and passwords: generated once, readable by the owner alone, never a shipped placeholder."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from dashboards import credentials
from ingest.base.files import write_text


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JGT_HOME", str(tmp_path))
    return tmp_path


def test_secrets_are_generated_once_and_kept() -> None:
    credentials.ensure_secrets()
    first = credentials.read_secrets()
    credentials.ensure_secrets()
    assert credentials.read_secrets() == first
    assert len(set(first.values())) == 3


def test_secrets_and_passwords_are_the_owners_alone() -> None:
    credentials.ensure_secrets()
    credentials.ensure_passwords()
    for name in ("secrets.json", "passwords.txt"):
        assert stat.S_IMODE((credentials.superset_home() / name).stat().st_mode) == 0o600


def test_nothing_starts_without_secrets() -> None:
    with pytest.raises(credentials.StateMissing, match=r"dashboards\.provision"):
        credentials.read_secrets()


@pytest.mark.parametrize("value", [*sorted(credentials.SHIPPED_PLACEHOLDERS), "", "short"])
def test_a_shipped_placeholder_or_weak_secret_is_refused(value: str) -> None:
    credentials.ensure_secrets()
    path = credentials.superset_home() / "secrets.json"
    weak = {**json.loads(path.read_text("utf-8")), "secret_key": value}
    write_text(path, json.dumps(weak), 0o600)
    with pytest.raises(credentials.StateMissing, match="secret_key"):
        credentials.read_secrets()


def test_secrets_that_others_can_read_are_refused() -> None:
    credentials.ensure_secrets()
    (credentials.superset_home() / "secrets.json").chmod(0o644)
    with pytest.raises(credentials.StateMissing, match="chmod 600"):
        credentials.read_secrets()


def test_passwords_are_kept_and_a_missing_user_gets_one() -> None:
    first = credentials.ensure_passwords()
    assert set(first) == {"admin", "leader", "analyst", "steward", "clerk"}
    path = credentials.superset_home() / "passwords.txt"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("clerk\t")]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    second = credentials.ensure_passwords()
    assert {user: second[user] for user in first if user != "clerk"} == {u: p for u, p in first.items() if u != "clerk"}
    assert second["clerk"] not in ("", first["clerk"])


def test_the_published_version_is_the_folder_that_current_points_to(own_home: Path) -> None:
    assert credentials.published_version() == "none"
    for version in ("20261119-001", "20261120-001"):
        (own_home / "serving" / version).mkdir(parents=True)
    link = own_home / "serving" / "current"
    link.symlink_to("20261119-001")
    assert credentials.published_version() == "20261119-001"
    link.unlink()
    link.symlink_to("20261120-001")
    assert credentials.published_version() == "20261120-001"
