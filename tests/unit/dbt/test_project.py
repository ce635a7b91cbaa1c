"""The dbt project of a state folder: whole, its own, written only where something changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from orchestration.dbt import call
from orchestration.dbt.project import PROJECT, assembled, project_files, write

OWN_MODEL = Path("generated/models/staging/tyj/stg_tyj__venue.sql")


def files_in(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {p.relative_to(folder): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def own_contracts(tmp_path: Path) -> Path:
    """An installation's own contracts: one department with a staging model beside its contract."""
    models = tmp_path / "contracts" / "tyj" / "models"
    models.mkdir(parents=True)
    (models / OWN_MODEL.name).write_text("select 1 as one\n", "utf-8")
    (models.parent / "department.yaml").write_text(
        "code: tyj\nname: 南京市体育局\nshort_name: 体育局\ndisplay_order: 990\n", "utf-8"
    )
    return tmp_path / "contracts"


def test_two_homes_on_one_checkout_lose_nothing_to_each_other(
    tmp_path: Path, own_contracts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Path] = []
    monkeypatch.setattr(call, "run_dbt", lambda home, *_: parsed.append(home.dbt_project))
    checkout = files_in(PROJECT)
    plain, own = Home(tmp_path / "plain"), Home(tmp_path / "own")
    monkeypatch.setenv("JGT_CONTRACTS", str(own_contracts))
    call.prepare(own, load_feeds())
    monkeypatch.delenv("JGT_CONTRACTS")
    call.prepare(plain, load_feeds())
    assert (own.dbt_project / OWN_MODEL).read_text("utf-8") == "select 1 as one\n"
    assert not (plain.dbt_project / OWN_MODEL).exists()
    monkeypatch.setenv("JGT_CONTRACTS", str(own_contracts))
    before = files_in(own.dbt_project)
    call.prepare(own, load_feeds())
    assert files_in(own.dbt_project) == before
    assert files_in(PROJECT) == checkout
    assert parsed == [own.dbt_project, plain.dbt_project, own.dbt_project]  # no dbt, no manifest: parsed every time


def test_the_project_of_a_home_is_the_committed_one_and_what_comes_from_the_contracts() -> None:
    files = assembled(load_feeds())
    committed = project_files(PROJECT)
    assert committed.items() <= files.items()
    assert {path.parts[0] for path in files.keys() - committed.keys()} == {"generated"}
    assert {"dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests"} == {p.parts[0] for p in committed}
    for folder in ("models", "macros", "seeds", "tests"):
        for kind in ("sql", "yml", "csv", "md"):
            assert {p.relative_to(PROJECT) for p in (PROJECT / folder).rglob(f"*.{kind}")} <= committed.keys()


def test_what_the_checkout_was_left_with_by_an_earlier_version_is_not_taken_along(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("generated", "target", "logs"))
    for left_over in ("generated/models/staging/tyj/stg_tyj__gone.sql", "target/manifest.json"):
        (project / left_over).parent.mkdir(parents=True)
        (project / left_over).write_text("", "utf-8")
    assert project_files(project) == project_files(PROJECT)


def test_only_what_changed_is_written_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    model, seed = Path("models/staging/stg_a.sql"), Path("generated/seeds/code_b.csv")
    files = {Path("dbt_project.yml"): b"name: jgt\n", model: b"select 1", seed: b"code\n1\n"}
    assert write(files, tmp_path) == [tmp_path / path for path in files]
    before = files_in(tmp_path)
    assert write(files, tmp_path) == []
    assert files_in(tmp_path) == before  # times too: dbt trusts them for YAML
    assert write({**files, model: b"select 2"}, tmp_path) == [tmp_path / model]
    del files[seed]
    assert write({**files, model: b"select 2"}, tmp_path) == [tmp_path / seed]
    assert not (tmp_path / seed).exists()


def test_what_dbt_keeps_there_when_called_by_hand_stays(tmp_path: Path) -> None:
    kept = tmp_path / "target" / "manifest.json"
    kept.parent.mkdir()
    kept.write_text("{}", "utf-8")
    write({Path("dbt_project.yml"): b"name: jgt\n"}, tmp_path)
    assert kept.exists()


def test_an_unchanged_project_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    parsed: list[list[str]] = []

    def dbt(home: Home, arguments: list[str], *_: object) -> str:
        parsed.append(arguments)
        call.manifest_path(home).write_text("{}", "utf-8")
        return ""

    monkeypatch.setattr(call, "run_dbt", dbt)
    feeds = load_feeds()
    assert call.prepare(home, feeds) == call.prepare(home, feeds) == call.manifest_path(home)
    assert parsed == [["parse"]]
    (home.dbt_project / "macros" / "engine.sql").write_text("", "utf-8")  # whatever becomes of the copy, it is mended
    call.prepare(home, feeds)
    assert files_in(home.dbt_project)[Path("macros/engine.sql")][0] == (PROJECT / "macros/engine.sql").read_bytes()
    assert parsed == [["parse"]]
