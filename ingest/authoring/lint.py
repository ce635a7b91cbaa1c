"""What is wrong with a contract that can still be read: names, labels, units, rules, lists, personal marks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.authoring.naming import NAME, PLACEHOLDER
from ingest.authoring.profiling import TODO, ColumnFacts, is_personal
from ingest.feeds.loading import load_subjects, subject_map
from ingest.feeds.model import Column, Feed

_CHINESE = re.compile("[\u4e00-\u9fff]")
_BOOLEAN = re.compile(r"(is|has|was|were|needs|may|can|did)_")
_DAY = re.compile(r"_(on|until|from|date|month|period)$|^(year|month|period|day)")
_MOMENT = re.compile(r"_(at|until|from)$")
_MONEY = re.compile(r"_yuan$|_yuan_")


@dataclass(frozen=True)
class Finding:
    """One thing to mend.

    Args:
        severity: an `error` fails the check, a `warning` does not.
        where: contract and column, file, or model.
        what: what is wrong, in Chinese.
        why: why that matters.
        todo: what to do about it.
    """

    severity: Literal["error", "warning"]
    where: str
    what: str
    why: str
    todo: str


def lint(feed: Feed, known_rules: Sequence[str], code_lists: Sequence[str]) -> list[Finding]:
    """Everything that is wrong with a contract by itself.

    Args:
        feed: the contract, read.
        known_rules: rules that the judge knows.
        code_lists: names of the code lists there are.
    """
    return [*_feed(feed), *(f for c in feed.columns for f in _column(feed, c, known_rules, code_lists))]


def _feed(feed: Feed) -> Iterator[Finding]:
    for given, where in ((feed.department, "部门代码"), (feed.name, "数据名")):
        if not NAME.fullmatch(given):
            yield Finding(
                "error", f"{feed.id} {where}", f"{given} 不合命名规则", "表名与路径由它组成", "用小写英文、数字和下划线"
            )
    if not _CHINESE.search(feed.label):
        yield Finding("warning", f"{feed.id} name", "没有中文名", "看板与数据字典显示它", "填写官方的中文名称")
    if not feed.grain:
        yield Finding(
            "error", f"{feed.id} dataGranularityDescription", "没有写粒度", "重复与主键按它判断", "写明「一个…一行」"
        )
    if not feed.purpose:
        yield Finding("warning", f"{feed.id} description.purpose", "没有写用途", "数据字典显示它", "一句话写明口径")
    if feed.frequency_days < 1 or feed.latency_hours < 0:
        yield Finding(
            "error",
            f"{feed.id} slaProperties",
            "时效不成立",
            "按时与逾期按它判断",
            "frequency ≥ 1 天，latency ≥ 0 小时",
        )
    if feed.version_column is None and feed.subject:
        yield Finding(
            "warning",
            f"{feed.id} versionColumn",
            "没有版本列",
            "同一主键的更正只能按收到的先后认",
            "有更新时间的话，请加 customProperties：[{property: versionColumn, value: 列名}]",
        )
    if feed.subject:
        yield from _subject(feed)


def _subject(feed: Feed) -> Iterator[Finding]:
    spec = load_subjects()[str(feed.subject)]
    mapped = subject_map(feed)
    reached = set(mapped) | {name for name, _ in feed.subject_constants}
    key = spec["columns"][0]
    if key["name"] not in reached:
        yield Finding(
            "error",
            f"{feed.id} mapsTo",
            f"没有列对应主题{spec['label']}的主键 {key['name']}（{key['label']}）",
            "没有它，记录到不了集市",
            f"在主键列加 customProperties：[{{property: mapsTo, value: {key['name']}}}]",
        )
    missing = [f"{c['label']} {c['name']}" for c in spec["columns"] if c["name"] not in reached]
    if len(missing) * 2 > len(spec["columns"]):
        yield Finding(
            "warning",
            f"{feed.id} mapsTo",
            f"主题{spec['label']}有 {len(missing)} 列没有来源：{'、'.join(missing)}",
            "集市里这些列为空",
            "有对应的列就加 mapsTo；确实没有则不必处理",
        )
    for target in {c.maps_to for c in feed.columns if c.maps_to} - {c["name"] for c in spec["columns"]}:
        yield Finding(
            "error",
            f"{feed.id} mapsTo",
            f"主题{spec['label']}没有列 {target}",
            "写了也不起作用",
            "见 contracts/subjects.yaml",
        )


def _column(feed: Feed, column: Column, known_rules: Sequence[str], code_lists: Sequence[str]) -> Iterator[Finding]:
    where = f"{feed.id} 列 {column.name}（{column.label}）"
    if not NAME.fullmatch(column.name):
        yield Finding("error", where, "列名不合规则", "集市与 SQL 用它", "用小写英文、数字和下划线，字母开头")
    if PLACEHOLDER.fullmatch(column.name):
        yield Finding("warning", where, "列名还是占位名", "没有人知道它是什么", "按中文名起一个英文名")
    if not _CHINESE.search(column.label):
        yield Finding(
            "warning", where, "没有中文名称", "数据字典与退回单显示它", "businessName 填官方中文名，原表头写进 synonyms"
        )
    if TODO in column.description:
        yield Finding("warning", where, column.description, "草稿按样本猜的", f"核对后从 description 去掉「{TODO}」")
    yield from _ending(where, column)
    for rule in column.rules:
        if rule not in known_rules:
            yield Finding("error", where, f"未知规则 {rule}", "判定时会出错", f"可用：{'、'.join(known_rules)}")
    if column.code_list and column.code_list not in code_lists:
        yield Finding(
            "error",
            where,
            f"没有码表 {column.code_list}",
            "每一行都会被退回",
            f"放入 code_lists/{column.code_list}.csv，或改用：{'、'.join(code_lists)}",
        )
    if column.keeps_unknown and (column.logical_type != "string" or not (column.codes or column.code_list)):
        yield Finding(
            "error",
            where,
            "unknownCode: keep 用在没有代码表的列",
            "没有表就无所谓未知",
            "给该列写 enum 或 codeList（文本列），或去掉 unknownCode",
        )
    if column.keeps_unknown and (why := _hangs_on_it(feed, column)):
        yield Finding(
            "error",
            where,
            f"unknownCode: keep 用在{why}",
            "认不出的代码收下来，记录算不算、算在哪里就没有依据",
            "去掉 unknownCode，让部门更正；只有说明记录是什么样的列才可收下未知代码",
        )
    if any(not label.strip() for label, _ in column.codes):
        yield Finding("error", where, "有取值没有中文标签", "看板无法显示", "给 enum 的每个 value 写 label")
    if not column.is_personal and _looks_personal(column):
        yield Finding(
            "error",
            where,
            "疑似个人信息而没有标记",
            "发布时不会脱敏",
            "加 classification: personal；不是个人信息则改名说清",
        )
    if column.is_key and column.logical_type == "number":
        yield Finding("error", where, "小数不能作主键", "写法不同就对不上", "改用编号列，或把类型改为 string")


def _hangs_on_it(feed: Feed, column: Column) -> str | None:
    """Why a code of this column has to be known: what hangs on it."""
    if column.is_key:
        return "主键列"
    if column.is_personal:
        return "个人信息列，原值会进入未知代码清单"
    if column.code_list in ("district", "street"):
        return "区划列，记录归谁靠它"
    if feed.withdrawn_when and feed.withdrawn_when.column == column.name:
        return "标明撤销的列（withdrawnWhen）"
    return None


def _ending(where: str, column: Column) -> Iterator[Finding]:
    """The unit or kind belongs in the name: _on a day, _at a moment, is_ yes or no, _yuan money."""
    wanted = None
    if column.logical_type == "date" and not _DAY.search(column.name):
        wanted = "以 _on 结尾（期限可用 _until）"
    elif column.logical_type == "timestamp" and not _MOMENT.search(column.name):
        wanted = "以 _at 结尾"
    elif column.logical_type == "boolean" and not _BOOLEAN.match(column.name):
        wanted = "以 is_、has_ 或 was_ 开头"
    elif column.unit and column.unit.stored == "元" and not _MONEY.search(column.name):
        wanted = "以 _yuan 结尾"
    if wanted:
        yield Finding("warning", where, f"列名应{wanted}", "一看名字就知道类型与单位", "改名；旧名可留在 synonyms")


def _looks_personal(column: Column) -> bool:
    """By its label alone, as a sample's header is judged; a code or a rule of enterprises is none."""
    if "gb11643" in column.rules:
        return True
    return column.logical_type == "string" and not column.codes and is_personal(ColumnFacts(column.label, 0, 0, 0, 0))
