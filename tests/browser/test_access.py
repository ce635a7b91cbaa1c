"""What each user may and may not do, asked of the running Superset as a browser would ask."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext

from tests.support.served_dashboards import PYTHON, ROOT, Served, log_in


@pytest.fixture(scope="module")
def analyst(browser: Browser, served: Served) -> Any:
    context = log_in(browser, served, "analyst")
    yield context
    context.close()


def run_sql(context: BrowserContext, served: Served, sql: str) -> APIResponse:
    """Run a statement in SQL Lab."""
    api = f"{served.address}/api/v1"
    token = context.request.get(f"{api}/security/csrf_token/").json()["result"]
    databases = context.request.get(f"{api}/database/").json()["result"]
    return context.request.post(
        f"{api}/sqllab/execute/",
        headers={"X-CSRFToken": token, "Referer": served.address},
        data={"database_id": databases[0]["id"], "sql": sql, "runAsync": False, "schema": "core", "queryLimit": 100},
    )


def test_an_analyst_reads_marts(analyst: BrowserContext, served: Served) -> None:
    answer = run_sql(analyst, served, "select count(*) as districts from core.dim_district where is_additive")
    assert answer.ok, answer.text()
    assert answer.json()["data"] == [{"districts": 11}]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from duckdb_settings()",
        "select * from duckdb_databases()",
        "call enable_logging(storage='file')",
        "copy (select 1) to '/tmp/out.csv'",
        "attach '/tmp/other.duckdb'",
        "create table core.mine as select 1",
        "install httpfs",
        "set enable_external_access = true",
        "select getenv('HOME')",
        "select repeat('x', 900000000)",
        "select lpad('x', 900000000, 'y')",
        "select len(range(80000000))",
        "from duckdb_settings",
        "pragma database_list",
    ],
)
def test_an_analyst_cannot(analyst: BrowserContext, served: Served, sql: str) -> None:
    answer = run_sql(analyst, served, sql)
    assert not answer.ok, answer.text()[:400]
    assert run_sql(analyst, served, "select 1 as one").ok, "the statement must not harm those who follow"


@pytest.mark.parametrize(
    "expression", ["max(repeat('x', 900000000))", "max(format('{:>900000000}', 1))", "max(getenv('HOME'))"]
)
def test_an_analysts_chart_is_held_to_the_same_list(analyst: BrowserContext, served: Served, expression: str) -> None:
    api = f"{served.address}/api/v1"
    token = analyst.request.get(f"{api}/security/csrf_token/").json()["result"]
    datasets = analyst.request.get(f"{api}/dataset/?q=(page_size:100)").json()["result"]
    district = next(item for item in datasets if item["table_name"] == "dim_district")
    metric = {"expressionType": "SQL", "sqlExpression": expression, "label": "m"}
    answer = analyst.request.post(
        f"{api}/chart/data",
        headers={"X-CSRFToken": token, "Referer": served.address},
        data={
            "datasource": {"id": district["id"], "type": "table"},
            "queries": [{"columns": [], "metrics": [metric], "row_limit": 10}],
            "result_format": "json",
            "result_type": "full",
        },
    )
    assert not answer.ok or answer.json()["result"][0].get("error"), answer.text()[:400]


def test_a_leader_has_no_sql_and_changes_nothing(leader: BrowserContext, served: Served) -> None:
    api = f"{served.address}/api/v1"
    token = leader.request.get(f"{api}/security/csrf_token/").json()["result"]
    headers = {"X-CSRFToken": token, "Referer": served.address}
    sql = leader.request.post(f"{api}/sqllab/execute/", headers=headers, data={"database_id": 1, "sql": "select 1"})
    chart = leader.request.put(f"{api}/chart/1", headers=headers, data={"slice_name": "改名"})
    dashboard = leader.request.put(f"{api}/dashboard/1", headers=headers, data={"dashboard_title": "改名"})
    assert {sql.status, chart.status, dashboard.status} <= {401, 403}


def test_a_stranger_sees_nothing(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    for path in ("/api/v1/dashboard/overview", "/api/v1/chart/", "/api/v1/database/"):
        assert context.request.get(served.address + path).status in (401, 403, 404), path
    context.close()


def test_no_page_names_an_outside_host(leader: BrowserContext, served: Served) -> None:
    policy = leader.request.get(f"{served.address}/superset/welcome/").headers["content-security-policy"]
    assert "http:" not in policy and "https:" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src", 1)[1].split(";", 1)[0]


def test_provisioning_again_has_nothing_to_do(provisioned: str, bi_environment: dict[str, str]) -> None:
    again = subprocess.run(
        [PYTHON, "-m", "dashboards.provision"], env=bi_environment, cwd=ROOT, capture_output=True, text=True
    )
    assert again.returncode == 0
    assert "看板配置无变化" in again.stdout


def test_a_taken_port_is_said_with_the_remedy(served: Served, bi_environment: dict[str, str]) -> None:
    port = served.address.rsplit(":", 1)[1]
    second = subprocess.run(
        [PYTHON, "-m", "dashboards.serve", "--port", port], env=bi_environment, cwd=ROOT, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert port in second.stderr and "--port" in second.stderr


def test_secrets_are_not_readable_by_others(bi_home: Path, provisioned: str) -> None:
    for name in ("secrets.json", "passwords.txt", "superset.db"):
        assert (bi_home / "superset" / name).stat().st_mode & 0o077 == 0, name


def test_the_header_says_when_the_last_run_was_not_published(leader: BrowserContext, served: Served) -> None:
    verdict = served.home / "serving" / "verdict.json"
    address = f"{served.address}/jgt/last-run.svg"
    assert "未通过检查" not in leader.request.get(address).text()
    verdict.write_text('{"run_id": "r2", "outcome": "blocked", "at": "2026-11-22T01:00:00Z"}', "utf-8")
    try:
        assert "2026-11-22 的更新未通过检查" in leader.request.get(address).text()
    finally:
        verdict.unlink()


def test_a_stranger_does_not_learn_of_the_last_run(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    assert context.request.get(f"{served.address}/jgt/last-run.svg").status == 404
    context.close()
