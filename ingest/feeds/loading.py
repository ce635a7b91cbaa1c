"""Contracts read from YAML and checked: from the package and from `JGT_CONTRACTS`; subjects, departments and code lists beside them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from ingest.feeds.model import Column, ContractError, Feed, Reference, Unit, Withdrawal
from ingest.feeds.servers import LANDING, ServerError, parse_pulls

CONTRACTS = Path(__file__).parent.parent / "contracts"
CONTRACTS_VARIABLE = "JGT_CONTRACTS"
API_VERSIONS = ("v3.0.2", "v3.1.0", "v3.2.0")
_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
    "number": "DECIMAL(18,2)",
    "boolean": "BOOLEAN",
}
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _custom(properties: Any) -> dict[str, Any]:
    return {p.property: p.value for p in properties or []}


def _duckdb_type(prop: SchemaProperty, where: str) -> str:
    logical = prop.logicalType or "string"
    if logical not in _DUCKDB_TYPES:
        raise ContractError(f"{where}: logicalType {logical!r} 不可用；可用：{', '.join(_DUCKDB_TYPES)}")
    return prop.physicalType or _DUCKDB_TYPES[logical]


def _column(prop: SchemaProperty, where: str) -> Column:
    if not prop.name or not prop.businessName:
        raise ContractError(f"{where}: 每列都要有 name 与 businessName")
    custom = _custom(prop.customProperties)
    options = prop.logicalTypeOptions or {}
    unit = custom.get("unit")
    return Column(
        name=prop.name,
        label=prop.businessName,
        logical_type=prop.logicalType or "string",
        duckdb_type=_duckdb_type(prop, f"{where}.{prop.name}"),
        required=bool(prop.required),
        is_key=bool(prop.primaryKey),
        description=prop.description or "",
        is_personal=prop.classification == "personal",
        synonyms=tuple(s.synonym for s in prop.synonyms or [] if s.synonym),
        codes=tuple((str(e.label), str(e.value)) for e in prop.enum or []),
        code_list=custom.get("codeList"),
        keeps_unknown=_keeps_unknown(custom.get("unknownCode"), f"{where}.{prop.name}"),
        unit=Unit(**unit) if unit else None,
        width=custom.get("width"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        rules=tuple(str(q.implementation) for q in prop.quality or [] if q.engine == "jgt"),
        maps_to=custom.get("mapsTo"),
        may_lie_ahead=bool(custom.get("mayLieAhead")),
        fold=bool(custom.get("fold")),
        fill_down=bool(custom.get("fillDown")),
    )


def _keeps_unknown(given: Any, where: str) -> bool:
    if given not in (None, "refuse", "keep"):
        raise ContractError(f"{where}: unknownCode 可写 refuse（退回，默认）或 keep（收下并计为未知），得到 {given!r}")
    return given == "keep"


def load_feed(path: Path) -> Feed:
    """Read and check one contract.

    Args:
        path: `<department>/<feed>.yaml`, ODCS 3.

    Raises:
        ContractError: naming the file and the place, when the standard or our use of it is not met.
    """
    where = "/".join(path.parts[-2:])
    try:
        # libyaml: 16 contracts in 0.06 CPU-s; the package's own reader takes 0.35 (2026-11)
        document = OpenDataContractStandard(**yaml.load(path.read_bytes(), _YAML))  # noqa: S506  a safe loader
    except Exception as error:  # pydantic and yaml each have their own families
        raise ContractError(f"{where}: 不是合规的 ODCS 3 合同：{error}") from error
    if document.apiVersion not in API_VERSIONS:  # the package does not assert it (3.2.0, 2026-11)
        raise ContractError(f"{where}: apiVersion {document.apiVersion!r} 不支持；可用：{', '.join(API_VERSIONS)}")
    if not document.id or document.id.count(".") != 1 or not document.schema_ or len(document.schema_) != 1:
        raise ContractError(f"{where}: id 须为「部门.数据」，且 schema 恰有一个对象")
    schema = document.schema_[0]
    department, name = document.id.split(".")
    server = next((s for s in document.servers or [] if (s.type or LANDING) == LANDING), None)
    try:
        pulls = parse_pulls(document.servers or [])
    except ServerError as error:
        raise ContractError(f"{where}: servers：{error}") from None
    sla = {s.property: s.value for s in document.slaProperties or []}
    custom = _custom(document.customProperties)
    columns = tuple(_column(p, f"{where}#{schema.name}") for p in schema.properties or [])
    orders = [q.implementation for q in schema.quality or [] if isinstance(q.implementation, dict)]
    members = getattr(document.team, "members", None) or (document.team if isinstance(document.team, list) else [])
    feed = Feed(
        id=document.id,
        label=document.name or document.id,
        version=str(document.version),
        department=department,
        name=name,
        file_pattern=schema.physicalName or "*",
        format=server.format if server else None,
        encoding=server.encoding if server else None,
        delimiter=(server.delimiter if server else None) or ("\t" if server and server.format == "tsv" else None),
        columns=columns,
        subject=custom.get("subject"),
        subject_constants=tuple((custom.get("subjectConstants") or {}).items()),
        version_column=_custom(schema.customProperties).get("versionColumn"),
        date_orders=tuple((o["order"][0], o["order"][1]) for o in orders if "order" in o),
        grain=schema.dataGranularityDescription or "",
        purpose=(document.description.purpose if document.description else None) or "",
        owner=next((m.username for m in members if m.role == "owner" and m.username), f"{department}-data"),
        frequency_days=int(str(sla.get("frequency", 1))),
        latency_hours=int(str(sla.get("latency", 26))),
        references=tuple(_reference(o["reference"], where) for o in orders if "reference" in o),
        withdrawn_when=_withdrawal(_custom(schema.customProperties).get("withdrawnWhen"), where),
        pulls=pulls,
        drift_share=float(custom["driftShare"]) if "driftShare" in custom else None,
    )
    _check(feed, where)
    return feed


def _reference(given: Mapping[str, Any], where: str) -> Reference:
    try:
        return Reference(given["column"], given["feed"], given["to"], int(given.get("waitDays", 30)))
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(
            f"{where}: reference 应写作 {{column: 本表列, feed: 部门.数据, to: 对方列, waitDays: 30}}，得到 {given!r}"
        ) from error


def _withdrawal(given: Any, where: str) -> Withdrawal | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not given.get("column") or not isinstance(given.get("values"), list):
        raise ContractError(f"{where}: withdrawnWhen 应写作 {{column: 列, values: [代码]}}，得到 {given!r}")
    return Withdrawal(str(given["column"]), tuple(str(value) for value in given["values"]))


def _check(feed: Feed, where: str) -> None:
    names = [c.name for c in feed.columns]
    if not feed.key:
        raise ContractError(f"{where}: 没有主键列（primaryKey: true）")
    if len(set(names)) != len(names):
        raise ContractError(f"{where}: 列名重复")
    mentioned = [feed.version_column] if feed.version_column else []
    for pair in feed.date_orders:
        mentioned += pair
    mentioned += [reference.column for reference in feed.references]
    mentioned += [feed.withdrawn_when.column] if feed.withdrawn_when else []
    for name in mentioned:
        if name not in names:
            raise ContractError(f"{where}: 提到的列 {name} 不在合同里")
    for name in {name for pair in feed.date_orders for name in pair}:
        if feed.column(name).logical_type not in ("date", "timestamp"):
            raise ContractError(f"{where}: order 比较的列 {name} 不是日期；请改为 date 或 timestamp，或去掉这条规则")
    if feed.withdrawn_when:
        codes = {code for _, code in feed.column(feed.withdrawn_when.column).codes}
        unknown = [value for value in feed.withdrawn_when.values if codes and value not in codes]
        if unknown:
            raise ContractError(f"{where}: withdrawnWhen 的值 {'、'.join(unknown)} 不是该列的代码")
    if feed.subject and feed.subject not in load_subjects():
        raise ContractError(f"{where}: 未知主题 {feed.subject}；可用：{', '.join(load_subjects())}")


def contract_folders() -> tuple[Path, ...]:
    """Where contracts lie: those that ship with the product, then `$JGT_CONTRACTS`, an installation's own.

    The second adds to the first; a feed, department or code list of the same name in it replaces the first's, so that
    an upgrade of the product never meets a local edit.
    """
    own = os.environ.get(CONTRACTS_VARIABLE)
    return (CONTRACTS, Path(own).resolve()) if own else (CONTRACTS,)


def contract_paths(root: Path | None = None) -> dict[str, Path]:
    """Every contract file by feed id, in a stable order; of `root` alone, or of all `contract_folders`."""
    found: dict[str, Path] = {}
    for folder in (root,) if root else contract_folders():
        for path in folder.glob("*/*.yaml"):
            if path.name != "department.yaml":
                found[f"{path.parent.name}.{path.stem}"] = path
    return dict(sorted(found.items()))


def load_feeds(root: Path | None = None) -> dict[str, Feed]:
    """Every feed's contract by id, in a stable order; of `root` alone, or of all `contract_folders`."""
    feeds = {feed.id: feed for feed in map(load_feed, contract_paths(root).values())}
    for feed in feeds.values():
        for reference in feed.references:
            _check_reference(feed, reference, feeds)
    in_order(feeds)
    return feeds


def _check_reference(feed: Feed, reference: Reference, feeds: Mapping[str, Feed]) -> None:
    other = feeds.get(reference.feed)
    if other is None:
        raise ContractError(f"{feed.id}: 引用的数据 {reference.feed} 没有合同")
    if reference.to not in {column.name for column in other.columns}:
        raise ContractError(f"{feed.id}: 引用的列 {reference.feed}.{reference.to} 不在对方合同里")


def in_order(feeds: Mapping[str, Feed]) -> list[str]:
    """Feed ids so that each comes after those it refers to; otherwise as given.

    Raises:
        ContractError: when references go in a circle: then each would wait for the other for ever.
    """
    done: dict[str, None] = {}
    pending = dict(feeds)
    while pending:
        ready = [i for i, f in pending.items() if not any(r.feed in pending for r in f.references)]
        if not ready:
            raise ContractError(f"引用成环，谁也等不到谁：{'、'.join(pending)}；请去掉其中一条 reference")
        # the first ready one alone, so that feeds without references keep their place
        done[ready[0]] = None
        del pending[ready[0]]
    return list(done)


@cache
def load_subjects() -> Mapping[str, Any]:
    """The known subjects and their columns, from `subjects.yaml`."""
    return yaml.load((CONTRACTS / "subjects.yaml").read_bytes(), _YAML)  # noqa: S506  a safe loader


def load_departments(root: Path | None = None) -> list[dict[str, Any]]:
    """Departments in display order: code, name, short_name, display_order; of `root` alone, or of all folders."""
    rows: dict[str, dict[str, Any]] = {}
    for folder in (root,) if root else contract_folders():
        for path in sorted(folder.glob("*/department.yaml")):
            rows[path.parent.name] = yaml.load(path.read_bytes(), _YAML)  # noqa: S506  a safe loader
    return sorted(rows.values(), key=lambda r: r["display_order"])


def code_list_paths() -> dict[str, Path]:
    """The file of every code list by name, in order of name."""
    found = {p.stem: p for folder in contract_folders() for p in (folder / "code_lists").glob("*.csv")}
    return dict(sorted(found.items()))


def load_code_list(name: str) -> list[dict[str, str]]:
    """The rows of `code_lists/<name>.csv`; every list has `code` and `name`, some have more."""
    return list(_csv_rows(code_list_paths().get(name, CONTRACTS / "code_lists" / f"{name}.csv")))


def _csv_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def subject_map(feed: Feed) -> dict[str, str]:
    """Subject column → feed column, for a feed of a known subject; empty otherwise."""
    if feed.subject is None:
        return {}
    wanted = {c["name"] for c in load_subjects()[feed.subject]["columns"]}
    return {(c.maps_to or c.name): c.name for c in feed.columns if (c.maps_to or c.name) in wanted}
