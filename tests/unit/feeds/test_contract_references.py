"""What a contract says of other feeds and of withdrawal: read, checked, and handed to dbt."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import duckdb
import jinja2
import pytest

from ingest.feeds.loading import in_order, load_feeds
from ingest.feeds.model import ContractError, Reference, Withdrawal
from orchestration.dbt import render_contracts

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: {id}
name: {id}
version: 1.0.0
status: active
schema:
- name: {name}
  physicalName: '*.csv'
  customProperties: [{{property: versionColumn, value: updated_at}}{custom}]
  quality: [{quality}]
  properties:
  - {{name: id, businessName: 编号, logicalType: string, primaryKey: true, required: true}}
  - {{name: other_id, businessName: 对方编号, logicalType: string}}
  - {{name: state, businessName: 状态, logicalType: string, enum: [{{value: valid, label: 有效}}, {{value: revoked, label: 撤销}}]}}
  - {{name: updated_at, businessName: 更新时间, logicalType: timestamp}}
"""


def contract(root: Path, feed: str, refers: str = "", custom: str = "", to: str = "id", more: str = "") -> None:
    """Write one contract; `refers` is the feed it refers to."""
    reference = (
        f"{{type: custom, engine: jgt, dimension: consistency, implementation: "
        f"{{reference: {{column: other_id, feed: {refers}, to: {to}{more}}}}}}}"
        if refers
        else ""
    )
    department, name = feed.split(".")
    path = root / department / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONTRACT.format(id=feed, name=name, custom=custom, quality=reference), "utf-8")


def test_a_reference_says_where_to_look_and_how_long_to_wait(tmp_path: Path) -> None:
    contract(tmp_path, "a.policy")
    contract(tmp_path, "a.claim", "a.policy")
    contract(tmp_path, "b.service", "a.policy", more=", waitDays: 7")
    feeds = load_feeds(tmp_path)
    assert feeds["a.policy"].references == ()
    assert feeds["a.claim"].references == (Reference("other_id", "a.policy", "id", 30),)
    assert feeds["b.service"].references[0].wait_days == 7


def test_who_refers_comes_after_whom_it_refers_to_and_the_rest_keeps_its_place(tmp_path: Path) -> None:
    contract(tmp_path, "a.claim", "z.policy")
    contract(tmp_path, "b.alone")
    contract(tmp_path, "z.policy")
    assert in_order(load_feeds(tmp_path)) == ["b.alone", "z.policy", "a.claim"]


@pytest.mark.parametrize("circle", [("a.one",), ("a.one", "a.two"), ("a.one", "a.two", "a.three")])
def test_a_circle_of_references_is_refused(tmp_path: Path, circle: tuple[str, ...]) -> None:
    for feed, other in zip(circle, (*circle[1:], circle[0]), strict=True):
        contract(tmp_path, feed, other)
    with pytest.raises(ContractError, match="成环"):
        load_feeds(tmp_path)


@pytest.mark.parametrize(("refers", "to", "told"), [("a.gone", "id", "a.gone"), ("a.policy", "gone", "a.policy.gone")])
def test_a_reference_to_nothing_is_refused_and_named(tmp_path: Path, refers: str, to: str, told: str) -> None:
    contract(tmp_path, "a.policy")
    contract(tmp_path, "a.claim", refers, to=to)
    with pytest.raises(ContractError, match=told):
        load_feeds(tmp_path)


WITHDRAWN = ", {property: withdrawnWhen, value: {column: state, values: [revoked]}}"


def test_withdrawal_names_a_column_and_codes_that_exist(tmp_path: Path) -> None:
    contract(tmp_path, "a.list", custom=WITHDRAWN)
    assert load_feeds(tmp_path)["a.list"].withdrawn_when == Withdrawal("state", ("revoked",))
    for wrong in (WITHDRAWN.replace("state", "status"), WITHDRAWN.replace("revoked", "撤销")):
        contract(tmp_path, "a.list", custom=wrong)
        with pytest.raises(ContractError):
            load_feeds(tmp_path)


def _latest(rows: list[tuple[str, str | None, str, int]], condition: str) -> list[tuple[str, bool]]:
    """Key and withdrawal of the latest version of each key, by dbt's own macro."""
    found = sorted((Path(__file__).resolve().parents[3] / "dbt_project" / "macros").glob("*.sql"))
    source = next(p.read_text("utf-8") for p in found if "macro latest_version(" in p.read_text("utf-8"))
    start = source.index("{% macro latest_version(")
    macro = source[start : source.index("{%- endmacro %}", start) + len("{%- endmacro %}")]
    listed = re.search(r"macro version_order\(\).*?return\((\[.*?\])\)", source)
    assert listed, "the columns that order versions"
    template = jinja2.Template(f"{macro}{{{{ latest_version('version', ['id']) }}}}")
    template.globals["version_order"] = lambda: ast.literal_eval(listed[1])
    with duckdb.connect() as connection:
        connection.execute(
            "create table version (id varchar, state varchar, _version_at timestamp, _batch_seq bigint, "
            "_row bigint default 1, _batch_id varchar default 'b', _sheet varchar default '')"
        )
        connection.executemany("insert into version (id, state, _version_at, _batch_seq) values (?, ?, ?, ?)", rows)
        return connection.execute(f"select id, {condition} from ({template.render()}) order by id").fetchall()


def test_a_withdrawal_sent_later_supersedes_and_a_later_revival_supersedes_that(tmp_path: Path) -> None:
    contract(tmp_path, "a.list", custom=WITHDRAWN)
    condition = render_contracts.withdrawn_condition(load_feeds(tmp_path)["a.list"])
    versions = [
        ("kept", "valid", "2026-11-01", 1),
        ("withdrawn", "valid", "2026-11-01", 1),
        ("withdrawn", "revoked", "2026-11-05", 2),
        # arrives last and is older: what was withdrawn stays so
        ("withdrawn", "valid", "2026-11-02", 3),
        ("revived", "revoked", "2026-11-05", 2),
        ("revived", "valid", "2026-11-06", 3),
        ("untold", None, "2026-11-06", 3),
    ]
    assert _latest(versions, condition) == [("kept", False), ("revived", False), ("untold", False), ("withdrawn", True)]


def test_dbt_is_told_of_withdrawal(tmp_path: Path) -> None:
    feeds = load_feeds()
    rendered = render_contracts.rendered(feeds)[Path("generated/macros/feed_maps.sql")].decode("utf-8")
    assert "macro feed_withdrawals()" in rendered
    assert '"withdrawn": ' in rendered


def test_an_order_of_dates_compares_dates_alone(tmp_path: Path) -> None:
    contract(tmp_path, "a.policy")
    path = tmp_path / "a" / "policy.yaml"
    order = "{type: custom, engine: jgt, dimension: consistency, implementation: {order: [state, updated_at]}}"
    path.write_text(path.read_text("utf-8").replace("quality: []", f"quality: [{order}]"), "utf-8")
    with pytest.raises(ContractError, match="state 不是日期"):
        load_feeds(tmp_path)
