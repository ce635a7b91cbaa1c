"""Which closed functions a statement uses. Superset's own list misses some and does not look at charts at all.

Superset 6.1 compares sqlglot's names, under which `lpad` is called PAD and passes, reads no view such as
`duckdb_settings`, and checks SQL Lab only, while an analyst's chart may hold any expression (2026-11). So every statement
that reaches DuckDB is read here by DuckDB's own tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from dashboards.published.duckdb_settings import DENIED_FUNCTIONS

# System views and table functions, with or without parentheses.
CLOSED_PREFIXES = ("duckdb_", "pragma_", "pg_")
# A width would take memory without limit; these patterns, which cards are made with, have none. Superset breaks lines
# and may double the percent signs.
HARMLESS_FORMAT = re.compile(
    r"\b(?:format(?=\(\s*'\{:,(?:\.[0-9]f)?\}')|printf(?=\(\s*'%{1,2}\.[0-9]f(?:%{2,4})?'))", re.IGNORECASE
)


def closed_functions(sql: str) -> set[str]:
    """Names in `sql` that no ordinary role may use; empty if it may run.

    Args:
        sql: one or several statements; strings and comments are not looked into.
    """
    found = set()
    for name, is_call in names_of(HARMLESS_FORMAT.sub("concat", sql)):
        closed = name in DENIED_FUNCTIONS
        if (closed and (is_call or name.startswith(CLOSED_PREFIXES))) or name == "pragma":
            found.add(name)
    return found


def names_of(sql: str) -> Iterator[tuple[str, bool]]:
    """Identifiers and keywords in lower case without quotes, and whether a parenthesis follows."""
    encoded = sql.encode("utf-8")  # the tokenizer counts bytes
    tokens = [(start, kind) for start, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    ends = [start for start, _ in tokens[1:]] + [len(encoded)]
    for (start, kind), end in zip(tokens, ends, strict=True):
        if kind in (duckdb.token_type.identifier, duckdb.token_type.keyword):
            text = encoded[start:end].decode("utf-8", "replace")
            quoted = re.match(r'"((?:[^"]|"")*)"', text)
            plain = re.match(r"[\w$]+", text)  # a comment may follow the name at once
            name = quoted.group(1).replace('""', '"') if quoted else plain.group(0) if plain else text
            yield name.lower(), encoded[end : end + 1] == b"("
