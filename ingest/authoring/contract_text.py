"""Contracts as text: a new one from a draft, and small edits that leave every other line as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ingest.authoring.profiling import TODO
from ingest.feeds.loading import API_VERSIONS
from ingest.feeds.model import Column, Feed

_DEFAULT_TYPES = {"VARCHAR", "DATE", "TIMESTAMP", "BIGINT", "BOOLEAN"}
_DIGIT_RUN = re.compile(r"(19|20)?[0-9]{2,}([-_年月.]?[0-9]{1,2}){0,2}[日号月年]?")


class _Plain(yaml.SafeDumper):
    """Writes no aliases: a contract is read by people."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def flow(value: Any) -> str:
    """A value as YAML on one line, in flow style."""
    text = yaml.dump(
        value, Dumper=_Plain, default_flow_style=True, allow_unicode=True, width=1 << 20, sort_keys=False
    ).strip()
    return text.removesuffix("...").strip()


def property_line(column: Column, notes: Sequence[str] = ()) -> str:
    """One column as the line a contract has for it, without its indent.

    Args:
        column: the column.
        notes: what a person should look at; goes into the description.
    """
    given: dict[str, Any] = {"name": column.name, "businessName": column.label, "logicalType": column.logical_type}
    if column.duckdb_type not in _DEFAULT_TYPES:
        given["physicalType"] = column.duckdb_type
    if column.is_key:
        given["primaryKey"] = True
    if column.required:
        given["required"] = True
    if column.is_personal:
        given["classification"] = "personal"
    description = "；".join([column.description] * bool(column.description) + [f"{TODO}：{note}" for note in notes])
    if description:
        given["description"] = description
    if column.synonyms:
        given["synonyms"] = [{"synonym": s} for s in column.synonyms]
    if column.codes:
        given["enum"] = [{"value": value, "label": label} for label, value in column.codes]
    if column.rules:
        given["quality"] = quality_of(column)
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    if options := {k: int(v) if v == int(v) else v for k, v in limits.items() if v is not None}:
        given["logicalTypeOptions"] = options
    if custom := special_of(column):
        given["customProperties"] = custom
    return f"- {flow(given)}"


def quality_of(column: Column) -> list[dict[str, Any]]:
    """A column's rules as its contract lists them."""
    return [
        {"type": "custom", "engine": "jgt", "implementation": rule, "dimension": "conformity"} for rule in column.rules
    ]


def special_of(column: Column) -> list[dict[str, Any]]:
    """What our contracts say of a column beyond the standard: code list, width, unit, subject column and so on."""
    found: list[dict[str, Any]] = []
    if column.code_list:
        found.append({"property": "codeList", "value": column.code_list})
    if column.keeps_unknown:
        found.append({"property": "unknownCode", "value": "keep"})
    if column.width:
        found.append({"property": "width", "value": column.width})
    if column.unit:
        unit = column.unit
        found.append({"property": "unit", "value": {"sent": unit.sent, "stored": unit.stored, "factor": unit.factor}})
    if column.maps_to:
        found.append({"property": "mapsTo", "value": column.maps_to})
    for is_set, name in ((column.may_lie_ahead, "mayLieAhead"), (column.fold, "fold"), (column.fill_down, "fillDown")):
        found += [{"property": name, "value": True}] if is_set else []
    return found


def contract_text(
    feed: Feed, notes: Mapping[str, Sequence[str]], servers: Sequence[Mapping[str, Any]], likely: str | None = None
) -> str:
    """A whole contract.

    Args:
        feed: the drafted feed.
        notes: by column name what a person should look at.
        servers: the landing first, then where it is pulled from.
        likely: a subject that the columns resemble, where none was chosen; goes into a comment.
    """
    lines = [
        f"# 草稿，由 jgt feed new 按样本生成；标有「{TODO}」之处请核对，然后运行：jgt feed check {feed.id}",
        f"apiVersion: {API_VERSIONS[-1]}",
        "kind: DataContract",
        f"id: {feed.id}",
        f"name: {flow(feed.label)}",
        f"version: {feed.version}",
        "status: draft",
        "description:",
        f"  purpose: {flow(feed.purpose)}",
        f"team: {{members: [{{username: {feed.owner}, role: owner}}]}}",
        "servers:",
        *(f"- {flow(dict(server))}" for server in servers),
        "slaProperties:",
        f"- {{property: frequency, value: {feed.frequency_days}, unit: d}}",
        f"- {{property: latency, value: {feed.latency_hours}, unit: h}}",
    ]
    if feed.subject:
        lines += ["customProperties:", f"- {{property: subject, value: {feed.subject}}}"]
    elif likely:
        lines += [f"# 各列近似主题 {likely}；若是，请加 customProperties：[{{property: subject, value: {likely}}}]"]
    lines += [
        "schema:",
        f"- name: {feed.name}",
        f"  physicalName: {flow(feed.file_pattern)}",
        f"  dataGranularityDescription: {flow(feed.grain)}",
    ]
    if feed.version_column:
        lines += ["  customProperties:", f"  - {{property: versionColumn, value: {feed.version_column}}}"]
    lines += ["  properties:", *(f"  {property_line(c, notes.get(c.name, ()))}" for c in feed.columns)]
    return "\n".join(lines) + "\n"


def file_pattern(file_name: str) -> str:
    """The pattern of a feed's file names from one of them: dates and counters vary, the rest stays."""
    path = Path(file_name)
    stem = _DIGIT_RUN.sub("*", path.stem)
    stem = stem if "*" in stem else f"{stem}*"
    return re.sub(r"\*[\W_]*\*", "*", stem) + path.suffix


def department_text(code: str, name: str, order: int) -> str:
    """A new department's own file."""
    return f"code: {code}\nname: {flow(name)}\nshort_name: {flow(name)}\ndisplay_order: {order}\n"


def staging_model(feed: Feed) -> dict[str, str]:
    """A staging model draft for a shape of its own: file name → text, in the form of those that are there."""
    model = f"stg_{feed.department}__{feed.name}"
    sql = f'-- One row per reported state ({feed.grain}); all versions.\n{{{{ stage_feed("{feed.id}") }}}}\n'
    columns = "".join(
        f"      - name: {c.name}\n        description: {flow(f'{c.label}。{c.description}' if c.description else c.label)}\n"
        for c in feed.columns
        if not c.is_personal
    )
    yml = (
        f"version: 2\nmodels:\n  - name: {model}\n    description: {flow(f'{feed.label}，{feed.grain}，一次报送一行，全部版本。')}\n"
        f"    columns:\n{columns}"
    )
    return {f"{model}.sql": sql, f"_{model}.yml": yml}


class Edited:
    """A contract's text under edit; comments and layout of what is not touched stay.

    Args:
        text: the contract as it is.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def set_version(self, version: str) -> None:
        """Replace the contract's version."""
        node = self._root("version")
        self._replace(node, version)

    def set_on_column(self, column: str, key: str, value: Any) -> None:
        """Give a property of a column a value; a value of None takes it away.

        Args:
            column: name of the column.
            key: `required`, `logicalType`, `synonyms`, `enum`, …
            value: what YAML can say on one line.
        """
        mapping = self._property(column)
        for place, (name, node) in enumerate(mapping.value):
            if name.value == key:
                if value is None:
                    self._cut(mapping, place)
                else:
                    self._replace(node, flow(value))
                return
        if value is not None:
            self._add_pair(mapping, key, value)

    def add_synonym(self, column: str, header: str) -> None:
        """Let a column arrive under one more header."""
        self.set_on_column(column, "synonyms", [*(self._value(column).get("synonyms") or []), {"synonym": header}])

    def add_codes(self, column: str, codes: Sequence[tuple[str, str]]) -> None:
        """Let a column hold more values: (label, stored code)."""
        known = self._value(column).get("enum") or []
        self.set_on_column(column, "enum", [*known, *({"value": code, "label": label} for label, code in codes)])

    def add_column(self, column: Column, notes: Sequence[str] = ()) -> None:
        """Append a column after the last one."""
        properties = self._properties()
        last = properties.value[-1]
        indent = " " * (last.start_mark.column - 2)
        end = self._line_end(last.end_mark.index)
        head = self.text[:end] if self.text[:end].endswith("\n") else self.text[:end] + "\n"
        self.text = f"{head}{indent}{property_line(column, notes)}\n{self.text[end:]}"

    def drop_orders(self, column: str) -> None:
        """Take away the rules on the order of dates that a column is in: it holds dates no longer."""
        schema = self._root("schema").value[0]
        rules = next((pair for pair in schema.value if pair[0].value == "quality"), None)
        if rules is None:
            return
        key, items = rules
        told = yaml.safe_load(self.text)["schema"][0]["quality"]
        gone = [i for i, rule in enumerate(told) if column in _order(rule)]
        if len(gone) == len(told):
            self._cut_lines(key.start_mark.index, items.value[-1].end_mark.index)
            return
        for i in reversed(gone):
            self._cut_lines(items.value[i].start_mark.index, items.value[i].end_mark.index)

    def _cut_lines(self, start: int, end: int) -> None:
        first = self.text.rfind("\n", 0, start) + 1
        self.text = self.text[:first] + self.text[self._line_end(end) :]

    def _root(self, key: str) -> Any:
        root: Any = yaml.compose(self.text)
        return next(node for name, node in root.value if name.value == key)

    def _properties(self) -> Any:
        schema = self._root("schema").value[0]
        return next(node for name, node in schema.value if name.value == "properties")

    def _property(self, column: str) -> Any:
        for node in self._properties().value:
            if any(name.value == "name" and value.value == column for name, value in node.value):
                return node
        raise KeyError(column)

    def _value(self, column: str) -> dict[str, Any]:
        document = yaml.safe_load(self.text)
        return next(p for p in document["schema"][0]["properties"] if p["name"] == column)

    def _replace(self, node: Any, text: str) -> None:
        start, end = node.start_mark.index, node.end_mark.index
        if not node.flow_style if hasattr(node, "flow_style") else False:
            end = start + len(self.text[start:end].rstrip())
        self.text = self.text[:start] + text + self.text[end:]

    def _add_pair(self, mapping: Any, key: str, value: Any) -> None:
        last = mapping.value[-1][1]
        if mapping.flow_style:
            place = last.end_mark.index
            self.text = f"{self.text[:place]}, {key}: {flow(value)}{self.text[place:]}"
        else:
            place = self._line_end(
                last.end_mark.index if isinstance(last, yaml.ScalarNode) else last.end_mark.index - 1
            )
            indent = " " * mapping.start_mark.column
            self.text = f"{self.text[:place]}{indent}{key}: {flow(value)}\n{self.text[place:]}"

    def _cut(self, mapping: Any, place: int) -> None:
        name, node = mapping.value[place]
        if mapping.flow_style:
            start = mapping.value[place - 1][1].end_mark.index if place else name.start_mark.index
            end = node.end_mark.index
            if not place and len(mapping.value) > 1:
                end = mapping.value[1][0].start_mark.index
        else:
            start = self.text.rfind("\n", 0, name.start_mark.index) + 1
            end = self._line_end(node.end_mark.index)
        self.text = self.text[:start] + self.text[end:]

    def _line_end(self, index: int) -> int:
        found = self.text.find("\n", max(0, index - 1) if self.text[index - 1 : index] == "\n" else index)
        return len(self.text) if found < 0 else found + 1


def _order(rule: Any) -> Sequence[str]:
    given = rule.get("implementation")
    return given.get("order", ()) if isinstance(given, dict) else ()


def next_version(version: str, is_breaking: bool) -> str:
    """The version after an accepted change: a new column or value is minor, a lost column or another type is major."""
    major, minor, *_ = [int(part) for part in re.findall(r"[0-9]+", version)] + [0, 0]
    return f"{major + 1}.0.0" if is_breaking else f"{major}.{minor + 1}.0"
