"""Write the descriptions that model YAML leaves out: `label：caliber`, from the column itself or from the shared terms.

A column's text stands once in `dbt_project`: in its own `config.meta`, or, where a name means the same in most
tables, in `column_terms.yml`. dbt and everything that reads its manifest want it in `description` and `meta` both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

TERMS_FILE = "column_terms.yml"

# libyaml where the wheel has it: ten times faster, and this runs before every parse
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def described(model_yaml_text: str, terms_yaml_text: str) -> str:
    """Complete the columns of a model YAML file with label, caliber and description.

    A column with a label of its own keeps its words; one that is published (it has a `data_type`) and has none takes
    those of its name in the shared terms. A column with only a caliber of its own takes the label alone. A description
    that is written out is left as it is.

    Args:
        model_yaml_text: a dbt properties file: `models`, `seeds` or `sources` with their columns.
        terms_yaml_text: the shared terms: column name → `label` and `caliber`.

    Returns:
        The file's text; unchanged to the letter when no column lacked anything.
    """
    if "columns:" not in model_yaml_text:  # unit tests and settings, which are long
        return model_yaml_text
    document, terms = _load(model_yaml_text), _load(terms_yaml_text) or {}
    completed = [_complete(column, terms) for column in _columns(document)]
    if not any(completed):
        return model_yaml_text
    return str(yaml.dump(document, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=1_000_000))


def description(label: str, caliber: str | None) -> str:
    """A column's description: `label：caliber`, or the label alone."""
    return f"{label}：{caliber}" if caliber else label


def _load(text: str) -> Any:
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 -- one of the two safe loaders


def _columns(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    tables = [table for source in _listed(document, "sources") for table in _listed(source, "tables")]
    for resource in (*_listed(document, "models"), *_listed(document, "seeds"), *tables):
        yield from _listed(resource, "columns")


def _listed(holder: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The entries under a key; none in dbt_project.yml, where `models` is a mapping of settings."""
    entries = holder.get(key)
    return entries if isinstance(entries, list) else []


def _complete(column: dict[str, Any], terms: Mapping[str, Mapping[str, str]]) -> bool:
    """Fill in what one column lacks; whether anything was."""
    meta = dict((column.get("config") or {}).get("meta") or {})
    term = terms.get(str(column["name"]), {}) if "data_type" in column else {}
    words = dict(meta)
    if "label" not in meta:
        words = {**term, **meta}
    if "label" not in words or ("description" in column and words == meta):
        return False
    column["config"] = {**(column.get("config") or {}), "meta": words}
    column.setdefault("description", description(words["label"], words.get("caliber")))
    return True
