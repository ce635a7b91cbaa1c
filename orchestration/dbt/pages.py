"""The pages of the dictionary: one a mart, from its `{% docs <schema>_guide %}` block; pure but for reading files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboards.published.manifest import PUBLISHED_SCHEMAS

_BLOCK = re.compile(r"{%\s*docs\s+(\w+)_guide\s*%}\n?(.*?){%\s*enddocs\s*%}", re.DOTALL)


def guides_in(project_dir: Path) -> dict[str, str]:
    """Every mart's page in a dbt project, as Markdown, in the order of the published schemas."""
    found = {
        schema: text.strip()
        for path in sorted((project_dir / "models" / "marts").glob("*/*.md"))
        for schema, text in _BLOCK.findall(path.read_text("utf-8"))
    }
    return {schema: found[schema] for schema in PUBLISHED_SCHEMAS if schema in found}


def guides_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The same from dbt's manifest, so that a served version has its own pages."""
    blocks = {b["name"]: b["block_contents"].strip() for b in manifest.get("docs", {}).values()}
    return {s: blocks[f"{s}_guide"] for s in PUBLISHED_SCHEMAS if f"{s}_guide" in blocks}


def overview(project_dir: Path) -> str | None:
    """The first page of dbt's dictionary: what `models/overview.md` says, then every mart's page.

    Returns:
        A Markdown file with dbt's docs block, or None where the project has no overview.
    """
    path = project_dir / "models" / "overview.md"
    if not path.exists():
        return None
    pages = [path.read_text("utf-8").strip(), *guides_in(project_dir).values()]
    return "{% docs __overview__ %}\n\n" + "\n\n---\n\n".join(pages) + "\n\n{% enddocs %}\n"
