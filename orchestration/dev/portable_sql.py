"""Checks that no model uses what does not run on both engines (DuckDB, and Spark with Iceberg: README).

Models are read as DuckDB's SQL with Jinja blanked out; what differs between engines belongs in macros/engine.sql.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import sqlglot
from sqlglot import exp

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
# dialect functions that have a macro in engine.sql
_ENGINE_FUNCTIONS = {
    "date_diff", "datediff", "date_add", "dateadd", "strftime", "strptime", "list_agg", "string_agg", "listagg",
    "list", "array_agg", "unnest", "struct_pack", "regexp_matches", "regexp_extract", "try_cast", "dayofweek",
    "isodow", "epoch", "json_extract", "json_extract_string", "list_value", "arg_max",
}  # fmt: skip
_JINJA = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def without_jinja(text: str) -> str:
    """SQL in which each Jinja expression is one identifier and each statement is gone; line numbers stay."""
    text = _JINJA.sub(lambda m: "\n" * m.group(0).count("\n"), text)
    return _EXPRESSION.sub(lambda m: "jinja" + "\n" * m.group(0).count("\n"), text)


def findings(text: str) -> Iterator[str]:
    """What is not portable in one model, in words.

    Args:
        text: the model as written, Jinja included.

    Yields:
        One line a finding. A model whose shape comes from Jinja alone cannot be parsed and yields only what the
        words themselves give away.
    """
    sql = without_jinja(text)
    lowered = re.sub(r"--[^\n]*|'[^']*'", "", sql).lower()
    if re.search(r"\bqualify\b", lowered):
        yield "QUALIFY: use row_number in a subquery"
    if re.search(r"\*\s*(exclude|replace)\b", lowered):
        yield "* EXCLUDE/REPLACE: name the columns"
    for name in sorted(_ENGINE_FUNCTIONS):
        if re.search(rf"(?<![\w.]){name}\s*\(", lowered):
            yield f"{name}(): use the macro in macros/engine.sql"
    if re.search(r"\\d", sql):
        yield r"\d in a pattern: write [0-9]"
    yield from _unstated_null_orders(re.sub(r"--[^\n]*", "", sql))
    yield from _parsed_findings(sql)


def _parsed_findings(sql: str) -> Iterator[str]:
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except sqlglot.errors.SqlglotError:
        return
    for statement in statements:
        if statement is None:
            continue
        for node in statement.walk():
            if isinstance(node, exp.Array | exp.Struct | exp.Map):
                yield f"list, struct or map value: {node.sql()[:60]}"


def _windows(sql: str) -> Iterator[str]:
    """The text inside the parentheses of every OVER (…)."""
    for match in re.finditer(r"\bover\s*\(", sql, re.IGNORECASE):
        depth = 1
        for end in range(match.end(), len(sql)):
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            if depth == 0:
                yield sql[match.end() : end]
                break


def _unstated_null_orders(sql: str) -> Iterator[str]:
    # inside a window the place of NULLs decides which row wins, and the engines' defaults differ; sqlglot fills the
    # default in while parsing, so the words themselves are looked at
    for window in _windows(sql):
        ordered = re.split(r"\border\s+by\b", window, flags=re.IGNORECASE)
        if len(ordered) < 2:
            continue
        terms = re.split(r"\b(?:rows|range|groups)\b", ordered[-1], flags=re.IGNORECASE)[0]
        while re.search(r"\([^()]*\)", terms):
            terms = re.sub(r"\([^()]*\)", "", terms)
        for term in terms.split(","):
            if not re.search(r"\bnulls\s+(first|last)\b", term, re.IGNORECASE):
                yield f"ORDER BY in a window without NULLS FIRST/LAST: {term.strip()[:60]}"


def main() -> int:
    """Print every finding; 1 when there is any."""
    count = 0
    for path in sorted(MODELS.rglob("*.sql")):
        for finding in findings(path.read_text("utf-8")):
            print(f"{path.relative_to(MODELS.parent)}: {finding}", file=sys.stderr)
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
