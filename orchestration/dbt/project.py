"""The dbt project of a state folder: what is committed in `dbt_project/`, and what comes from the contracts.

Every state folder has its own, so that two of them on one checkout, or the tests beside a running product, do not write
over each other; nothing is ever written into the checkout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ingest.feeds.model import Feed
from orchestration.dbt.pages import overview
from orchestration.dbt.render_contracts import rendered
from orchestration.dbt.render_descriptions import TERMS_FILE, described

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
_SETTINGS = ("dbt_project.yml", "profiles.yml")
_FOLDERS = ("models", "macros", "seeds", "tests", "docs")
_KINDS = frozenset({".sql", ".yml", ".csv", ".md"})


def project_files(project_dir: Path) -> dict[Path, bytes]:
    """The committed files as dbt is to read them: content by the file's path in the project.

    A column's label and 口径 are written once, in `config.meta` or in the shared dictionary of terms; its description,
    which dbt's pages show, is made of them on the way.
    """
    paths = [project_dir / name for name in _SETTINGS]
    for folder in _FOLDERS:
        paths += sorted(p for p in (project_dir / folder).rglob("*") if p.suffix in _KINDS)
    terms = project_dir / TERMS_FILE
    known = terms.read_text("utf-8") if terms.exists() else ""
    return {path.relative_to(project_dir): _content(path, known) for path in paths}


def _content(path: Path, terms: str) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".yml" or path.name in _SETTINGS:
        return content
    return described(content.decode("utf-8"), terms).encode("utf-8")


def assembled(feeds: Mapping[str, Feed], project_dir: Path = PROJECT) -> dict[Path, bytes]:
    """All files of a complete dbt project by their path in it.

    Args:
        feeds: the contracts by feed id.
        project_dir: the committed project.
    """
    files = {**project_files(project_dir), **rendered(feeds)}
    if page := overview(project_dir):
        files[Path("generated/models/overview.md")] = page.encode("utf-8")
    return files


def write(files: Mapping[Path, bytes], folder: Path) -> list[Path]:
    """Make a folder hold exactly these files.

    A file whose content would not change is left alone, time included, so that dbt's partial parse stays valid (it
    trusts the time of YAML, dbt 1.11). What dbt itself keeps there when called by hand (`target/`, `logs/`) stays.

    Args:
        files: content by path in the folder.
        folder: the dbt project to write; need not exist.

    Returns:
        The files that were written or removed, in a stable order; empty when nothing changed.
    """
    changed = []
    for path, content in files.items():
        file = folder / path
        if file.exists() and file.read_bytes() == content:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        changed.append(file)
    for part in (*_FOLDERS, "generated"):
        for stale in sorted(
            p for p in (folder / part).rglob("*") if p.is_file() and p.relative_to(folder) not in files
        ):
            stale.unlink()
            changed.append(stale)
    return changed


def fingerprint(files: Mapping[Path, bytes]) -> str:
    """What tells whether a project must be parsed again."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.as_posix().encode("utf-8") + b"\0")
        digest.update(hashlib.sha256(files[path]).digest())
    return digest.hexdigest()
