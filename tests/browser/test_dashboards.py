"""A leader opens each dashboard at 1440 px: every chart drawn, in Chinese, with the numbers of the published file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from tests.support.served_dashboards import PATIENCE_MS, Served, log_in

SLUGS = {
    "overview": "领导总览",
    "accident": "事故",
    "inspection": "检查执法",
    "insurance": "安责险",
    "credit": "安全信用",
    "assessment": "绩效考核",
    "quality": "数据质量",
}
# names without a Chinese form; cells of lists hold data (file names) and are left out of the check
ALLOWED_WORDS = {"GDP"}
DRAWN = """() => {
  const holders = [...document.querySelectorAll('.dashboard-component-chart-holder')];
  // a Handlebars chart has its frame before its content: the content is what counts
  const done = h => h.querySelector(
    'canvas, td, svg path.area, .jgt-cards, .jgt-publication, .ant-empty, [role=alert], .missing-chart-container');
  return holders.length > 0 && holders.every(done) && !document.querySelector('[data-test=loading-indicator], .loading');
}"""
STATES = """() => [...document.querySelectorAll('[data-test=chart-grid-component]')].map(chart => ({
  name: chart.dataset.testChartName,
  viz: chart.dataset.testVizType,
  drawn: !!chart.querySelector('canvas, td, svg path.area, .jgt-cards, .jgt-publication'),
  bad: !!chart.querySelector('[role=alert], .ant-empty, .missing-chart-container, [data-test=error-container]'),
  text: chart.innerText,
}))"""
OVERFLOW = """() => {
  const cut = e => e.scrollWidth > e.clientWidth + 1;
  const inner = [...document.querySelectorAll('.jgt-cards b, .jgt-cards em, .jgt-cards header, .jgt-publication')];
  return {page: document.documentElement.scrollWidth, cut: inner.filter(cut).map(e => e.innerText)};
}"""
OUTSIDE_CELLS = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('td, style, script, noscript, .ant-tooltip, svg title').forEach(e => e.remove());
  document.body.appendChild(copy);
  const text = copy.innerText; copy.remove(); return text;
}"""


def of_the_year(measure: str) -> str:
    """A measure of the city's rows of the year of the data date, up to it."""
    return (
        f"select {measure} from {{table}} where area_code = '320100'"
        " and year(month_start) = (select year(as_of) from quality.rpt_publication)"
    )


# dashboard → (heading of a card, what the published file says it must show), each by another way than the chart's
NUMBERS: dict[str, tuple[str, str]] = {
    "overview": (
        "事故 · 本年累计",
        of_the_year("format('{:,}', sum(accidents)::bigint)").replace("{table}", "accident.agg_accident_month"),
    ),
    "accident": (
        "事故死亡人数 · 本年",
        "select format('{:,}', sum(deaths)::bigint) from accident.fct_accident where is_statistical"
        " and year(occurred_on) = (select year(as_of) from quality.rpt_publication)",
    ),
    "inspection": (
        "检查次数",
        "select format('{:,}', count(*)) from inspection.fct_inspection"
        " where year(inspected_on) = (select year(as_of) from quality.rpt_publication)",
    ),
    "insurance": (
        "参保率",
        "select printf('%.1f', 100.0 * (1 - (select count(*) from insurance.rpt_uninsured)::double"
        " / in_scope_enterprises)) from insurance.agg_insurance_month where area_code = '320100'"
        " order by month_start desc limit 1",
    ),
    "credit": (
        "红色企业",
        "select format('{:,}', count(*)) from credit.fct_credit_score where colour = 'red'"
        " and month_start = (select max(month_start) from credit.fct_credit_score)",
    ),
    "assessment": (
        "第一名",
        "select area_name from assessment.fct_assessment_score"
        " where month_start = (select max(month_start) from assessment.fct_assessment_score)"
        " group by area_name order by sum(points) desc limit 1",
    ),
    "quality": ("收到", "select format('{:,}', sum(received)::bigint) from quality.fct_batch"),
}


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def open_dashboard(leaders_page: Page, served: Served) -> Callable[[str], Page]:
    def go(slug: str) -> Page:
        path, _, query = slug.partition("?")
        leaders_page.goto(f"{served.address}/superset/dashboard/{path}/?{query}")
        leaders_page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
        leaders_page.wait_for_load_state("networkidle")
        return leaders_page

    return go


@pytest.mark.parametrize("slug", SLUGS)
def test_a_leader_opens(
    slug: str,
    open_dashboard: Callable[[str], Page],
    leaders_page: Page,
    served: Served,
    warehouse: duckdb.DuckDBPyConnection,
    shots: Path,
) -> None:
    complaints: list[str] = []
    asked: list[str] = []
    leaders_page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    leaders_page.on("pageerror", lambda e: complaints.append(str(e)))
    leaders_page.on("request", lambda r: asked.append(r.url))
    page = open_dashboard(slug)

    charts: list[dict[str, Any]] = page.evaluate(STATES)
    assert [c["name"] for c in charts if c["bad"] or not c["drawn"]] == []
    assert complaints == []
    assert [url for url in asked if not url.startswith((served.address, "data:", "blob:"))] == []

    as_of = warehouse.execute("select strftime(as_of, '%Y年%m月%d日') from quality.rpt_publication").fetchone()
    header = next(c["text"] for c in charts if c["name"] == "数据日期与检查结论")
    assert as_of and f"数据截至 {as_of[0]}" in header and "演示数据" in header
    assert SLUGS[slug] in page.locator("[data-test=dashboard-header-container], .dashboard-header").first.inner_text()

    latin = set(re.findall(r"[A-Za-z]{2,}", page.evaluate(OUTSIDE_CELLS)))
    assert latin <= ALLOWED_WORDS
    assert page.evaluate(OVERFLOW) == {"page": 1440, "cut": []}

    heading, sql = NUMBERS[slug]
    expected = warehouse.execute(sql).fetchone()
    shown = page.locator(".jgt-cards .card", has=page.get_by_text(heading, exact=True)).locator("b").first
    assert expected and shown.evaluate("e => e.firstChild.textContent.trim()") == expected[0]

    height = page.evaluate(
        "() => Math.ceil(document.querySelector('.grid-container').getBoundingClientRect().bottom) + 24"
    )
    page.set_viewport_size({"width": 1440, "height": height})
    page.screenshot(path=shots / f"{slug}.png")


def test_a_click_on_the_map_filters_the_page(
    open_dashboard: Callable[[str], Page], warehouse: duckdb.DuckDBPyConnection
) -> None:
    page = open_dashboard("inspection")
    page.locator(".jgt-map a", has=page.locator("title", has_text="江宁区")).click()
    page.wait_for_url("**native_filters**", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    expected = warehouse.execute(
        "select format('{:,}', count(*)) from inspection.fct_inspection where district_code = '320115'"
        " and year(inspected_on) = (select year(as_of) from quality.rpt_publication)"
    ).fetchone()
    card = page.locator(".jgt-cards .card", has=page.get_by_text("检查次数", exact=True)).locator("b")
    card.get_by_text(expected[0]).wait_for(timeout=PATIENCE_MS)  # type: ignore[index]


def test_a_click_on_the_map_keeps_the_chosen_period(
    open_dashboard: Callable[[str], Page], warehouse: duckdb.DuckDBPyConnection
) -> None:
    (period, until) = warehouse.execute(  # type: ignore[misc]
        "select strftime(date_trunc('month', as_of) - interval 2 month, '%Y年%m月'),"
        " date_trunc('month', as_of) - interval 1 month from quality.rpt_publication"
    ).fetchone()
    chosen = (
        f"NATIVE_FILTER-period:(extraFormData:(filters:!((col:period_month,op:IN,val:!('{period}')))),"
        f"filterState:(label:'{period}',value:!('{period}')),id:NATIVE_FILTER-period,ownState:())"
    )
    page = open_dashboard(f"inspection?native_filters=({chosen})")
    page.locator(".jgt-map a", has=page.locator("title", has_text="江宁区")).click()
    page.wait_for_url("**NATIVE_FILTER-area**", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    (expected,) = warehouse.execute(  # type: ignore[misc]
        "select format('{:,}', count(*)) from inspection.fct_inspection where district_code = '320115'"
        " and year(inspected_on) = year(?::date - interval 1 day) and inspected_on < ?",
        [until, until],
    ).fetchone()
    card = page.locator(".jgt-cards .card", has=page.get_by_text("检查次数", exact=True)).locator("b")
    card.get_by_text(expected).wait_for(timeout=PATIENCE_MS)


@pytest.mark.parametrize(("user", "title"), [("leader", "领导总览"), ("clerk", "绩效考核"), ("steward", "数据质量")])
def test_each_user_starts_on_the_dashboard_of_their_work(
    browser: Browser, served: Served, user: str, title: str
) -> None:
    context = log_in(browser, served, user)
    page = context.new_page()
    page.goto(f"{served.address}/")
    header = page.locator("[data-test=dashboard-header-container], .dashboard-header").first
    header.get_by_text(title).wait_for(timeout=PATIENCE_MS)
    context.close()


def test_a_month_without_data_shows_dashes_and_breaks_nothing(open_dashboard: Callable[[str], Page]) -> None:
    never = (
        "NATIVE_FILTER-period:(extraFormData:(filters:!((col:period_month,op:IN,val:!('2019年01月')))),"
        "filterState:(label:'2019年01月',value:!('2019年01月')),id:NATIVE_FILTER-period,ownState:())"
    )
    for slug in ("overview", "credit"):
        page = open_dashboard(f"{slug}?native_filters=({never})")
        assert page.locator("[role=alert], [data-test=error-container]").count() == 0, slug
        cards = page.locator(".jgt-cards .card b").all_inner_texts()
        assert cards and all(text.startswith("—") or "无数据" in text for text in cards), (slug, cards)


def test_the_login_page_is_chinese(browser: Browser, served: Served) -> None:
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{served.address}/login/")
    page.get_by_role("button", name=re.compile("登\\s*录")).wait_for(timeout=PATIENCE_MS)
    assert set(re.findall(r"[A-Za-z]{2,}", page.locator("body").inner_text())) == set()
    page.close()
