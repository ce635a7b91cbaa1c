"""`jgt feed check`: contract, sample, staging model and dictionary of a feed linted together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from ingest.authoring.drafting import Trial, try_out
from ingest.authoring.lint import Finding, lint
from ingest.base.reasons import REASONS, UNKNOWN_KEPT, RefusedFile
from ingest.feeds.loading import (
    CONTRACTS,
    code_list_paths,
    contract_folders,
    contract_paths,
    load_departments,
    load_feed,
)
from ingest.feeds.model import ContractError, Feed
from ingest.feeds.shape import share_of
from ingest.judging.judge import RULES
from orchestration.feed.new import STAGING
from orchestration.language import say


def check(feed_ids: Sequence[str] | None = None, sample: Path | None = None) -> tuple[list[Finding], Trial | None]:
    """Lint feeds.

    Args:
        feed_ids: which; None for all.
        sample: a file of the one feed that is checked.

    Returns:
        The findings, and what intake made of the sample.
    """
    paths = contract_paths()
    findings: list[Finding] = []
    trial: Trial | None = None
    departments = {d["code"] for d in load_departments()}
    described = _described_models()
    for feed_id in feed_ids or list(paths):
        path = paths[feed_id]
        try:
            feed = load_feed(path)
        except ContractError as error:
            findings.append(
                Finding(
                    "error", f"{feed_id}（{path.name}）", str(error), "合同读不出来，该部门的数据收不了", "按提示修改"
                )
            )
            continue
        findings += _place(feed, path, departments)
        findings += lint(feed, RULES, list(code_list_paths()))
        findings += _staging(feed, described)
        if sample is not None:
            found, trial = _try_sample(feed, path, sample)
            findings += found
    return findings, trial


def _place(feed: Feed, path: Path, departments: set[str]) -> Iterator[Finding]:
    if feed.id != f"{path.parent.name}.{path.stem}":
        yield Finding(
            "error",
            f"{path.parent.name}/{path.name}",
            f"id 写作 {feed.id}，与文件位置不一致",
            "按 id 找不到它",
            f"把 id 改为 {path.parent.name}.{path.stem}，或移动文件",
        )
    if feed.department not in departments:
        yield Finding(
            "error",
            f"{feed.department}/department.yaml",
            "部门没有登记",
            "看板与目录不知道它的名称",
            f"写 {path.parent / 'department.yaml'}：code、name、short_name、display_order",
        )


def _models_of(feed: Feed) -> list[Path]:
    folders = [STAGING / feed.department]
    folders += [f / feed.department / "models" for f in contract_folders() if f != CONTRACTS]
    return [p for folder in folders if (p := folder / f"stg_{feed.department}__{feed.name}.sql").exists()]


def _described_models() -> dict[str, str]:
    """Staging models with their descriptions, from the YAML beside them."""
    found: dict[str, str] = {}
    files = [
        *STAGING.rglob("*.yml"),
        *(p for f in contract_folders() if f != CONTRACTS for p in f.glob("*/models/*.yml")),
    ]
    for path in files:
        told = yaml.safe_load(path.read_text("utf-8")) or {}
        found |= {m["name"]: str(m.get("description") or "") for m in told.get("models") or []}
    return found


def _staging(feed: Feed, described: dict[str, str]) -> Iterator[Finding]:
    if feed.subject:
        if not (STAGING / "subjects" / f"stg_{feed.subject}.sql").exists():
            yield Finding(
                "error",
                f"stg_{feed.subject}",
                "主题没有 staging 模型",
                "记录到不了集市",
                "换一个主题，或先建该主题的模型",
            )
        return
    model = f"stg_{feed.department}__{feed.name}"
    found = _models_of(feed)
    if not found:
        yield Finding(
            "error",
            model,
            "没有 staging 模型",
            "自有形状的数据靠它进入仓库",
            f'建 {STAGING.name}/{feed.department}/{model}.sql，内容 {{{{ stage_feed("{feed.id}") }}}}；或映射到一个已知主题',
        )
        return
    sql = found[-1].read_text("utf-8")
    if "stage_feed(" not in sql:
        words = set(re.findall(r"[a-z_][a-z0-9_]*", sql))
        lost = [c.label for c in feed.columns if c.name not in words and not c.is_personal]
        if lost:
            yield Finding(
                "warning", model, f"没有取用：{'、'.join(lost)}", "这些列到不了集市", "在模型里补上；确实不用则不必处理"
            )
    if not described.get(model):
        yield Finding("error", model, "没有中文说明", "数据字典里是空白", "在同目录的 yml 里写 description")


def _try_sample(feed: Feed, path: Path, sample: Path) -> tuple[list[Finding], Trial | None]:
    where = sample.name
    try:
        feed, trial = try_out(path.read_text("utf-8"), feed.department, feed.name, sample)
    except RefusedFile as refusal:
        reason = REASONS[refusal.code]
        return [Finding("error", where, f"{reason.label}：{refusal.detail}", "整个文件会被退回", reason.remedy)], None
    if trial.reason_code:
        reason = REASONS[trial.reason_code]
        return [Finding("error", where, str(trial.reason_message), "整个文件会被退回", reason.remedy)], trial
    findings = []
    for (codes, columns), rows in sorted(trial.reasons.items(), key=lambda item: -item[1]):
        reason = REASONS[codes.split(",")[0]]
        many = rows > share_of(feed) * trial.received
        findings.append(
            Finding(
                "error" if many else "warning",
                f"{where} 第 {'、'.join(trial.rows[codes, columns])} 行等",
                f"{rows:,} / {trial.received:,} 行 {columns or '整行'}：{reason.label}",
                "这些行会被退回" + ("，过半说明合同与数据不符" if many else ""),
                "核对合同这一列的类型与取值" if many else reason.remedy,
            )
        )
    for (name, kind), rows in sorted(trial.changes.items()):
        if kind == UNKNOWN_KEPT:
            column = feed.column(name)
            findings.append(
                Finding(
                    "warning",
                    f"{where} 列 {name}（{column.label}）",
                    f"{rows:,} / {trial.received:,} 行的代码不在代码表里",
                    "照样收下，名称显示“未知”，见 quality.rpt_unknown_code",
                    "核对合同的 enum 或码表；是新代码就补上",
                )
            )
    if trial.received == 0:
        findings.append(Finding("warning", where, "样本里没有记录", "看不出合同是否合适", "换一个有记录的样本"))
    return findings, trial


def lines(findings: Sequence[Finding], feeds: int) -> list[str]:
    """The findings for people, errors first, and the verdict."""
    said = []
    for finding in sorted(findings, key=lambda f: f.severity != "error"):
        mark = "✘" if finding.severity == "error" else "⚠"
        said.append(f"{mark} {finding.where}：{finding.what.rstrip('。')}。{finding.why}；{finding.todo}")
    errors = sum(f.severity == "error" for f in findings)
    if not findings:
        said.append(
            say(
                f"✔ {feeds} 类数据的合同、模型、字典无误。",
                f"✔ {feeds} feeds: contract, model and dictionary are sound.",
            )
        )
    else:
        said.append(
            say(
                f"{feeds} 类数据：错误 {errors}，提醒 {len(findings) - errors}。"
                + ("改好后再运行本命令。" if errors else "可以收数：jgt run"),
                f"{feeds} feeds: {errors} errors, {len(findings) - errors} warnings. "
                + ("Mend them and run this again." if errors else "Ready: jgt run"),
            )
        )
    return said
