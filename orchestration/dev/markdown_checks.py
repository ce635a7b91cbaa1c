"""Check the Markdown of the checkout, `make lint`: relative links and anchors lead somewhere, no line is overlong.

python -m orchestration.dev.markdown_checks
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
# beyond this a change of one word shows as a whole paragraph in a review; rows of tables cannot be broken
LONGEST_LINE = 140
_PARSER = MarkdownIt("commonmark").enable("table")
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def faults_of(path: Path, root: Path = ROOT) -> list[str]:
    """What is wrong with one Markdown file.

    Args:
        path: the file.
        root: paths in the messages are relative to it.

    Returns:
        Messages `file:line: what, and what to do`; empty when all is well.
    """
    text = path.read_text("utf-8")
    tokens = _PARSER.parse(text)
    shown = path.relative_to(root)
    faults = [
        f"{shown}:{line}: 一行 {length} 个字符，超过 {LONGEST_LINE}；请换行"
        for line, length in _long_lines(text, tokens)
    ]
    for line, target in _targets(tokens):
        if why := _leads_nowhere(path, target):
            faults.append(f"{shown}:{line}: 链接 {target} {why}")
    return faults


def _long_lines(text: str, tokens: list[Token]) -> Iterator[tuple[int, int]]:
    exempt: set[int] = set()
    for token in tokens:
        if token.type in ("table_open", "fence") and token.map:
            exempt.update(range(*token.map))
    for number, line in enumerate(text.splitlines()):
        if len(line) > LONGEST_LINE and number not in exempt:
            yield number + 1, len(line)


def _targets(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for child in token.children or ():
            target = child.attrs.get("href") or child.attrs.get("src")
            if target and not _OUTSIDE.match(str(target)):
                yield line, unquote(str(target))


def _leads_nowhere(path: Path, target: str) -> str | None:
    name, _, anchor = target.partition("#")
    aimed = (path.parent / name).resolve() if name else path
    if not aimed.exists():
        return "指向不存在的文件；请改为存在的相对路径"
    if anchor and aimed.suffix == ".md" and anchor not in anchors(aimed.read_text("utf-8")):
        return f"指向不存在的标题 #{anchor}；请对照该文件的标题"
    return None


def anchors(text: str) -> set[str]:
    """The anchors that a Markdown page offers: one a heading, spelled as code hosts spell them."""
    found: dict[str, int] = {}
    tokens = _PARSER.parse(text)
    for opening, content in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        words = "".join(child.content for child in content.children or ())
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if not n else f"{slug}-{n}" for slug, times in found.items() for n in range(times + 1)}


def tracked_pages(root: Path = ROOT) -> list[Path]:
    """Every Markdown file that git knows of, or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in sorted(set(listed.splitlines())) if (root / name).exists()]


def main() -> int:
    """Print every fault; exit status 1 when there is one."""
    pages = tracked_pages()
    faults = [fault for page in pages for fault in faults_of(page)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(pages)} Markdown files, {len(faults)} faults")
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    raise SystemExit(main())
