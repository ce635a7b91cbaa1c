"""A draft of a contract from what a sample holds: pure, from counts about each column to columns and a feed.

What is counted is in `sampling.py`. The draft says what it found and marks what only a person can tell (待确认).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rapidfuzz import fuzz

from ingest.authoring.naming import PLACEHOLDER, distinct_names, known_names, name_of, simplified
from ingest.feeds.headers import normal_form, unit_of
from ingest.feeds.loading import load_subjects
from ingest.feeds.model import Column, Feed, Unit
from ingest.feeds.units import MAGNITUDES

FITS = 0.95  # of the filled values; the rest is reported as what would be refused
PERSONAL_SHARE = 0.5
ENUM_VALUES = 12
ENUM_REPEATS = 5
REQUIRED_ROWS = 20
SUBJECT_COLUMNS = 4
LABEL_LIKENESS = 60
TODO = "待确认"
_MONEY = ("元",)
_MEASURES = re.compile(
    r"元|人|人次|个|处|起|家|件|辆|台|艘|架|吨|公斤|千克|克|毫克|升|毫升|米|公里|千米|海里|平方米|立方米|平方公里|亩|公顷|"
    r"天|日|小时|分钟|秒|年|月|岁|次|户|栋|幢|间|层|套|座|张|份|条|度|℃|%|兆帕|千瓦|千瓦时|㎡|m|km|m²|m³|t|kg"
)
_CODE_HEADER = re.compile(
    r"编号|编码|代码|号码|证号|文号|案号|单号|账号|区号|统一编号|电话|手机|邮编|邮政|序列号|字号|工号|主键|标识|_?(id|no|code|key|cd)$"
)
_KEY_HEADER = re.compile(r"编号|案号|单号|文号|字号|证号|主键|身份代码|标识|流水号|_?(id|no|key)$")
_SEQUENCE_HEADER = re.compile(r"^(序号|序|no|number|#)$")
_KIND_HEADER = re.compile(r"类型|类别|种类|类|性质|级别|等级|状态|方式|形式|结果|结论|性别|来源|渠道|标志|阶段")
_DATE_HEADER = re.compile(r"日期|时间|年月日|时刻|_?(date|time|dt|on|at)$|日$|期$")
_TIME_HEADER = re.compile(r"时间|时刻|时间戳|_?(time|at)$")
_VERSION_HEADER = re.compile(
    r"^(数据)?(更新|修改|变更|操作|最后修改)(时间戳|时间|日期)$|^(last_)?updated?_?(at|time|on)?$"
)
_PERSON_HEADER = re.compile(
    r"姓名|法定代表人|法人代表|法人姓名|负责人|联系人|经办人|检查人|检查人员|执法人员|举报人|投诉人|报告人|登记人|"
    r"申请人|来电人|驾驶人|驾驶员|司机|死者|伤者|受伤害人|家长|监护人|当事人姓名|身份证|证件号|手机|联系电话|电话|联系方式|"
    r"住址|家庭|户口|出生日期|籍贯|民族|邮箱|微信|person|mobile|phone"
)
_NO_PERSON_HEADER = re.compile(
    r"(单位|企业|机构|公司|部门)(名称)?$|人数|单位电话|举报电话|值班电话|职务|人员类别|统一社会"
)
_AHEAD_HEADER = re.compile(r"期限|有效期|到期|截止|届满|止期|期止|至$|计划|预计|时限|due|expir|until|valid_to|_to$")
_COUNT_HEADER = re.compile(r"数$|数量|人数|次数|起数|台数|件数|面积|金额|费|额|分值|得分")


@dataclass(frozen=True)
class ColumnFacts:
    """What was counted about one column of a sample; every count is of records.

    Args:
        header: as sent; empty where the column has none.
        position: from 0.
        rows: records.
        filled: with something in it.
        distinct: different texts.
        shortest, longest, usual_length: characters; `usual_length` is that of most.
        digits: of digits alone. leading_zeros: of them, with a zero in front. float_codes: like 5245.0.
        decimals: most places behind the point, zeros at the end not counted.
        clocks: that show hours. timed: whose hour is not midnight. serials: that look like Excel's day number.
        dates, numbers, integers, booleans, uscc, id_numbers: that the judge would take as such.
        first_year, last_year: of the dates.
        negatives: below zero.
        mobiles, person_names: that look like one.
        values: the texts with their counts, most frequent first; empty where there are many.
        lists: code list → records it knows.
    """

    header: str
    position: int
    rows: int
    filled: int
    distinct: int
    shortest: int = 0
    longest: int = 0
    usual_length: int = 0
    digits: int = 0
    leading_zeros: int = 0
    float_codes: int = 0
    decimals: int = 0
    clocks: int = 0
    timed: int = 0
    serials: int = 0
    dates: int = 0
    numbers: int = 0
    integers: int = 0
    booleans: int = 0
    uscc: int = 0
    id_numbers: int = 0
    first_year: int = 0
    last_year: int = 0
    negatives: int = 0
    mobiles: int = 0
    person_names: int = 0
    values: tuple[tuple[str, int], ...] = ()
    lists: Mapping[str, int] = field(default_factory=dict)

    def mostly(self, count: int) -> bool:
        """Whether a count holds for as good as all filled values."""
        return self.filled > 0 and count >= FITS * self.filled


def kind_of(facts: ColumnFacts) -> str:
    """The logical type a column's values have."""
    form = simplified(normal_form(facts.header))
    if not facts.filled or facts.mostly(facts.uscc) or facts.mostly(facts.id_numbers):
        return "string"
    if _is_date(facts, form):
        return _date_kind(facts, form)
    is_flag = form.startswith("是否") or form.endswith("标志") or form.startswith("is_")
    if facts.mostly(facts.booleans) and facts.distinct <= 2 and (is_flag or not facts.mostly(facts.numbers)):
        return "boolean"
    if facts.mostly(facts.numbers) and not _is_code(facts, form):
        whole = facts.integers >= facts.numbers and not unit_money(facts.header)
        return "integer" if whole else "number"
    return "string"


def _is_date(facts: ColumnFacts, form: str) -> bool:
    if not facts.mostly(facts.dates) or not 1900 <= facts.first_year <= facts.last_year <= 2100:
        return False
    # a plain number is a day only under a header that says so, or when all eight digits are one
    if facts.serials or facts.mostly(facts.numbers):
        said = bool(_DATE_HEADER.search(form))
        return said if facts.serials else said or (facts.shortest == facts.longest == 8)
    return True


def _date_kind(facts: ColumnFacts, form: str) -> str:
    if facts.timed:
        return "timestamp"
    return "timestamp" if facts.clocks and _TIME_HEADER.search(form) else "date"


def _is_code(facts: ColumnFacts, form: str) -> bool:
    if facts.leading_zeros or facts.longest > 15:
        return True
    # numbers that are all equally long are numbers of something; amounts and counts are not
    alike = facts.shortest == facts.longest >= 5 and facts.distinct > 1 and facts.mostly(facts.digits)
    if alike and not _COUNT_HEADER.search(form) and not unit_in(facts.header):
        return True
    return bool(_CODE_HEADER.search(form))


def unit_money(header: str) -> bool:
    """Whether a header names a currency unit (元, 万元)."""
    unit = unit_of(header)
    return bool(unit and unit.endswith(_MONEY))


def unit_in(header: str) -> Unit | None:
    """The unit a header names in brackets, stored without its magnitude: 万元 is stored as 元."""
    sent = unit_of(header)
    if not sent:
        return None
    for magnitude, factor in MAGNITUDES.items():
        stored = sent.removeprefix(magnitude)
        if (stored != sent or not magnitude) and _MEASURES.fullmatch(stored):
            return Unit(sent, stored, factor)
    return None


def is_personal(facts: ColumnFacts) -> bool:
    """Whether a column holds personal data, by its header or by its values."""
    form = simplified(normal_form(facts.header))
    if max(facts.id_numbers, facts.mobiles) >= PERSONAL_SHARE * max(1, facts.filled):
        return True
    if _PERSON_HEADER.search(form):
        return not _NO_PERSON_HEADER.search(form)
    many = facts.distinct >= 5 and facts.person_names >= 0.8 * facts.filled
    return many and not _KIND_HEADER.search(form) and not _NO_PERSON_HEADER.search(form)


def draft_columns(
    table: Sequence[ColumnFacts], key: Sequence[int], feeds: Mapping[str, Feed], year: int
) -> tuple[list[Column], dict[str, tuple[str, ...]]]:
    """Columns of a contract from the facts of a sample.

    Args:
        table: facts in order of the file.
        key: positions of the key's columns.
        feeds: contracts that are there already: their names, codes and marks are used again.
        year: this year; a column with later dates holds deadlines.

    Returns:
        The columns, and by column name what a person should look at.
    """
    known = known_names(feeds.values())
    kinds = [kind_of(f) for f in table]
    names = distinct_names(
        name_of(f.header, kind, known, kind == "number" and unit_money(f.header)) if f.header.strip() else None
        for f, kind in zip(table, kinds, strict=True)
    )
    codes = _known_codes(feeds)
    columns, notes = [], {}
    for facts, kind, name in zip(table, kinds, names, strict=True):
        column, remarks = _column(facts, kind, name, facts.position in key, codes, year)
        columns.append(column)
        if remarks:
            notes[name] = remarks
    return columns, notes


def _column(
    facts: ColumnFacts, kind: str, name: str, is_key: bool, codes: Sequence[Mapping[str, str]], year: int
) -> tuple[Column, tuple[str, ...]]:
    remarks: list[str] = []
    form = simplified(normal_form(facts.header))
    label = simplified(facts.header.strip()) if facts.header.strip() else f"第{facts.position + 1}列"
    if PLACEHOLDER.fullmatch(name):
        remarks.append("英文列名")
    if facts.header.isascii():
        remarks.append("中文名称")
    column = Column(
        name=name,
        label=label,
        logical_type=kind,
        duckdb_type={"date": "DATE", "timestamp": "TIMESTAMP", "integer": "BIGINT", "boolean": "BOOLEAN"}.get(
            kind, "VARCHAR"
        ),
        required=facts.filled == facts.rows and (is_key or facts.rows >= REQUIRED_ROWS),
        is_key=is_key,
        is_personal=is_personal(facts),
        synonyms=(facts.header.strip(),) if facts.header.strip() not in ("", label) else (),
        may_lie_ahead=kind in ("date", "timestamp") and bool(_AHEAD_HEADER.search(form) or facts.last_year > year),
    )
    if not facts.filled:
        remarks.append("样本中全空，类型")
    if kind in ("integer", "number"):
        return _quantity(facts, column, form, remarks)
    if kind != "string":
        return column, tuple(remarks)
    if facts.mostly(facts.uscc):
        return replace(column, rules=("gb32100",)), tuple(remarks)
    if facts.mostly(facts.id_numbers):
        return replace(column, rules=("gb11643",), is_personal=True), tuple(remarks)
    found = max(facts.lists, key=lambda n: facts.lists[n], default=None)
    if found and facts.mostly(facts.lists[found]):
        return replace(column, code_list=found), tuple(remarks)
    if width := _width(facts, form):
        return replace(column, width=width), tuple(remarks)
    if not column.is_personal and not is_key and _is_enum(facts, form):
        remarks.append("取值是否齐全")
        return replace(column, codes=_codes_for(sorted(t for t, _ in facts.values), codes)), tuple(remarks)
    return column, tuple(remarks)


def _quantity(facts: ColumnFacts, column: Column, form: str, remarks: list[str]) -> tuple[Column, tuple[str, ...]]:
    unit = unit_in(facts.header)
    scale = 6 if facts.decimals > 2 else 2
    kind = f"DECIMAL(18,{scale})" if column.logical_type == "number" else "BIGINT"
    if re.search(r"金额|费$|费用|款$|资金|额$", form) and unit is None:
        remarks.append("金额的单位（元或万元）")
    minimum = 0.0 if not facts.negatives and _COUNT_HEADER.search(form) else None
    return replace(column, duckdb_type=kind, unit=unit, minimum=minimum), tuple(remarks)


def _width(facts: ColumnFacts, form: str) -> int | None:
    """The fixed width of a code that may lose its zeros or gain a decimal tail."""
    if facts.mostly(facts.float_codes) or (facts.float_codes * 2 > facts.filled and _CODE_HEADER.search(form)):
        return max(1, facts.usual_length - 2)
    fixed = facts.shortest == facts.longest == facts.usual_length
    return facts.usual_length if facts.leading_zeros and fixed and facts.mostly(facts.digits) else None


def _is_enum(facts: ColumnFacts, form: str) -> bool:
    if not facts.values or not 1 < facts.distinct <= ENUM_VALUES or facts.longest > 20:
        return False
    repeats = facts.filled / facts.distinct
    if _CODE_HEADER.search(form) and facts.mostly(facts.digits):
        return False
    return repeats >= ENUM_REPEATS if _KIND_HEADER.search(form) else facts.distinct <= 6 and repeats >= 4 * ENUM_REPEATS


def _known_codes(feeds: Mapping[str, Feed]) -> list[dict[str, str]]:
    """Label → stored code of every column with codes."""
    return [dict(column.codes) for feed in feeds.values() for column in feed.columns if column.codes]


def _codes_for(texts: Sequence[str], known: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    """Values as sent with the code they are stored under: as the column stores them that knows most of them."""
    best = max(known, key=lambda codes: sum(t in codes for t in texts), default={})
    if 2 * sum(t in best for t in texts) < len(texts):
        best = {}
    return tuple((text, best.get(text, text)) for text in texts)


def version_column(columns: Sequence[Column]) -> str | None:
    """The column that says which of two rows of one key is the later one."""
    for column in columns:
        headers = [simplified(normal_form(h)) for h in column.headers]
        if column.logical_type in ("date", "timestamp") and any(_VERSION_HEADER.search(h) for h in headers):
            return column.name
    return None


def names_a_key(facts: ColumnFacts) -> bool:
    """Whether a column's header or check digit says that it identifies something; a running number does not."""
    form = simplified(normal_form(facts.header))
    if _SEQUENCE_HEADER.search(form):
        return False
    return bool(_KEY_HEADER.search(form)) or facts.mostly(facts.uscc) or facts.mostly(facts.id_numbers)


def key_candidates(table: Sequence[ColumnFacts]) -> list[int]:
    """Positions of columns that may be part of a key, the likeliest first."""

    def rank(facts: ColumnFacts) -> tuple[int, int]:
        kind = kind_of(facts)
        if _SEQUENCE_HEADER.search(simplified(normal_form(facts.header))):
            return 3, facts.position
        if names_a_key(facts):
            return int(facts.mostly(facts.uscc)), facts.position
        if kind == "string" and _CODE_HEADER.search(simplified(normal_form(facts.header))):
            return 1, facts.position
        return (
            2 if kind == "string" and facts.longest <= 60 else 4 if kind in ("date", "string") else 5
        ), facts.position

    whole = [f for f in table if f.filled and f.filled == f.rows]
    partly = [f for f in table if f.filled and f.filled < f.rows]
    return [f.position for f in sorted(whole, key=rank)] + [f.position for f in sorted(partly, key=rank)]


def suggest_subject(columns: Sequence[Column], wanted: str | None = None) -> tuple[str | None, dict[str, str]]:
    """The known subject a feed most looks like, and which of its columns map to the subject's under another name.

    Args:
        columns: the drafted columns.
        wanted: a subject that is given; then only the map is looked for.

    Returns:
        (subject or None, column name → subject column).
    """
    names = {c.name for c in columns}
    best: tuple[int, str | None, dict[str, str]] = (0, wanted, {})
    for subject, spec in load_subjects().items():
        if wanted and subject != wanted:
            continue
        targets = spec["columns"]
        same = {t["name"] for t in targets} & names
        maps = _likely_maps(columns, targets, same)
        reached = same | set(maps.values())
        telling = reached - {"uscc", "enterprise_name", "district_code", "street_code", "updated_at", "address"}
        has_key = targets[0]["name"] in reached
        enough = has_key and len(telling) >= 3 and len(reached) >= SUBJECT_COLUMNS
        if (enough or wanted) and len(reached) > best[0]:
            best = (len(reached), subject, maps)
    return best[1], best[2]


def _likely_maps(columns: Sequence[Column], targets: Sequence[Mapping[str, Any]], same: set[str]) -> dict[str, str]:
    """Columns whose label is close to that of a subject's column which no column bears by name.

    A single key stands for the subject's key whatever it is called: 巡查编号 is the 检查编号 of a 巡查.
    """
    free = [t for t in targets if t["name"] not in same]
    keys = [c for c in columns if c.is_key]
    mapped: dict[str, str] = {}
    if len(keys) == 1 and targets[0] in free and keys[0].name not in same and keys[0].logical_type == "string":
        mapped[keys[0].name] = str(targets[0]["name"])
    pairs = sorted(
        (
            (fuzz.ratio(normal_form(c.label), normal_form(t["label"])), c.name, str(t["name"]))
            for c in columns
            for t in free
            if c.name not in same and _alike(c, str(t["type"]))
        ),
        key=lambda pair: -pair[0],
    )
    for likeness, name, target in pairs:
        if likeness >= LABEL_LIKENESS and name not in mapped and target not in mapped.values():
            mapped[name] = target
    return mapped


def _alike(column: Column, kind: str) -> bool:
    """Whether a column's values can stand in a subject's column of that type."""
    wanted = kind.split("(")[0]
    if column.logical_type == wanted:
        # 元 and 万元 are no reason against it, a plain number without a unit is
        return not kind.startswith("number") or column.unit is not None
    return (column.logical_type, wanted) in (("timestamp", "date"), ("date", "timestamp"))
