"""Text to typed values as SQL, from the contract: every spelling that departments use, set-wise, and what was repaired.

Each contract column goes through four names in one query: `r_` as sent, `t_` cleaned text, `v_` typed value (NULL where
the text does not fit), `m_` a bit mask of the repairs made (`reasons.REPAIRS`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.contract import Column
from ingest.reasons import REPAIRS

WHITESPACE = " \u3000\u00a0\t\r\n\u200b\ufeff"
_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NARROW = _DIGITS + _UPPER + _UPPER.lower()
_WIDE = "".join(chr(ord(c) + 0xFEE0) for c in _NARROW)
_NARROW_MARKS = _NARROW + "-/.,:+%() "
_WIDE_MARKS = _WIDE + "－／．，：＋％（）\u3000"
_TRUE = ("是", "1", "y", "yes", "true", "t", "有", "√", "1.0")
_FALSE = ("否", "0", "n", "no", "false", "f", "无", "×", "0.0")
_MAGNITUDES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "百万": 1_000_000, "亿": 100_000_000}
# a date that Excel handed over as its serial number: 1954-10-03 to 2119-01-10
_SERIAL = r"[2-7][0-9]{4}(\.[0-9]+)?"
_BIT = {code: repair.bit for code, repair in REPAIRS.items()}


@dataclass(frozen=True)
class Cast:
    """SQL of one column.

    Args:
        text: expression over `r_<name>`.
        value: expression over `t_<name>`; over `l_<name>` too, when the column has a code list.
        repairs: expression over r_, t_ and v_ that gives the bit mask.
    """

    text: str
    value: str
    repairs: str


def literal(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


MACROS = (
    f"create or replace temp macro jgt_trim(s) as nullif(trim(s, {literal(WHITESPACE)}), '')",
    # ASCII text, most of it, is told by its byte length and costs nothing more
    f"""create or replace temp macro jgt_fold(s) as case when strlen(s) = length(s) then s
        when regexp_matches(s, '[０-９Ａ-Ｚａ-ｚ]') then translate(s, '{_WIDE}', '{_NARROW}') else s end""",
    f"""create or replace temp macro jgt_fold_marks(s) as case when strlen(s) = length(s) then s
        else trim(translate(s, '{_WIDE_MARKS}', '{_NARROW_MARKS}')) end""",
    # 2024年1月2日 8时5分 → 2024-1-2 8:5
    """create or replace temp macro jgt_date_spelling(s) as
        rtrim(replace(translate(replace(s, '号', '日'), '年月/.时分秒', '----::'), '日', ' '), ' :-')""",
    f"""create or replace temp macro jgt_timestamp(s) as case
        when s like '____-__-__%' then try_cast(s as timestamp)
        when regexp_full_match(s, '[0-9]{{8}}') then try_strptime(s, '%Y%m%d')
        when regexp_full_match(s, '[0-9]{{14}}') then try_strptime(s, '%Y%m%d%H%M%S')
        when regexp_full_match(s, '{_SERIAL}')
            then timestamp '1899-12-30' + to_seconds(round(cast(s as double) * 86400))
        when s like '____%' then try_cast(jgt_date_spelling(s) as timestamp) end""",
    # a year before 1900 is a slip or Excel's zero date, never a date of these registers
    """create or replace temp macro jgt_plausible(t) as
        case when t >= timestamp '1900-01-01' and t < timestamp '10000-01-01' then t end""",
    "create or replace temp macro jgt_plain_number(s) as "
    "case when strpos(lower(s), 'e') = 0 then try_cast(s as decimal(28, 6)) end",
    r"""create or replace temp macro jgt_number_parts(s) as regexp_extract(
        replace(s, ' ', ''), '^[¥￥]?([-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(\D*)$', ['n', 'u'])""",
)


def cast_column(column: Column, header_unit: str | None = None) -> Cast:
    """SQL that turns a column's text into its typed value.

    Args:
        column: the contract's column.
        header_unit: unit that the file's header names, where it differs from the contract's.

    Returns:
        Expressions for text, value and repairs.
    """
    t, r, v = (f'"{prefix}_{column.name}"' for prefix in "trv")
    text_like = column.logical_type == "string" and not _is_code(column)
    fold = "jgt_fold" if text_like else "jgt_fold_marks"
    text = f"nullif({fold}(jgt_trim({r})), '')"
    base = (
        f"case when {r} is null or {r} = {t} then 0 when jgt_trim({r}) is null or jgt_trim({r}) = {t} "
        f"then {_BIT['WHITESPACE_TRIMMED']} else {_BIT['FULLWIDTH_FOLDED']} end"
    )
    if column.rules:
        return Cast(f"upper({text})", t, base.replace(f"= {t}", f"= {t} or upper(jgt_trim({r})) = {t}", 1))
    if column.codes:
        return Cast(text, _enum(column, t), base)
    if column.code_list or column.width:
        return _code(column, text, base)
    if column.logical_type == "boolean":
        return Cast(f"lower({text})", _boolean(t), _respelled_only(r, t))
    if column.logical_type in ("date", "timestamp"):
        value = f"cast(jgt_plausible(jgt_timestamp({t})) as {column.duckdb_type})"
        extra = f"case when {v} is not null and {t} not like '____-__-__%' then {_BIT['DATE_RESPELLED']} else 0 end"
        return Cast(text, value, f"({base}) | ({extra})")
    if column.logical_type in ("integer", "number"):
        return _number(column, text, base, header_unit)
    return Cast(text, t, base)


def padded(column: Column, source: str) -> str:
    """A code's text with Excel's decimal tail off and its leading zeros back, as the contract's width says."""
    bare = f"case when {source} like '%.0' and regexp_full_match({source}, '[0-9]+[.]0') then {source}[:-3] else {source} end"
    if not column.width:
        return bare
    short = f"length({bare}) < {column.width} and regexp_full_match({bare}, '[0-9]+')"
    return f"case when {short} then lpad({bare}, {column.width}, '0') else {bare} end"


def _is_code(column: Column) -> bool:
    return bool(column.rules or column.codes or column.code_list or column.width or column.is_key)


def _respelled_only(r: str, t: str) -> str:
    """For values whose letter case means nothing: only width and blanks count as repairs."""
    return (
        f"case when {r} is null or lower({r}) = {t} then 0 when jgt_trim({r}) is null or lower(jgt_trim({r})) = {t} "
        f"then {_BIT['WHITESPACE_TRIMMED']} else {_BIT['FULLWIDTH_FOLDED']} end"
    )


def _enum(column: Column, t: str) -> str:
    branches = [f"when {literal(label)} then {literal(value)}" for label, value in column.codes]
    labels = {label for label, _ in column.codes}
    branches += [
        f"when {literal(v)} then {literal(v)}" for v in dict.fromkeys(v for _, v in column.codes) if v not in labels
    ]
    value = f"case {t} {' '.join(branches)} end"
    return value if column.duckdb_type == "VARCHAR" else f"cast({value} as {column.duckdb_type})"


def _code(column: Column, text: str, base: str) -> Cast:
    t, r = f'"t_{column.name}"', f'"r_{column.name}"'
    raw = f"nullif(jgt_fold_marks(jgt_trim({r})), '')"
    tail = (
        f"case when {raw} like '%.0' then {_BIT['FLOAT_CODE']} when {raw} <> {t} then {_BIT['ZERO_PADDED']} else 0 end"
    )
    folded = base.replace(t, raw)
    repairs = f"({folded}) | coalesce({tail}, 0)"
    value = t
    if column.code_list:
        value = f'"l_{column.name}".code'
        repairs += f' | case when "s_{column.name}" then {_BIT["DISTRICT_SUCCEEDED"]} else 0 end'
    return Cast(padded(column, text), value, repairs)


def _boolean(t: str) -> str:
    true, false = (", ".join(literal(w) for w in words) for words in (_TRUE, _FALSE))
    return f"case when {t} in ({true}) then true when {t} in ({false}) then false end"


def _number(column: Column, text: str, base: str, header_unit: str | None) -> Cast:
    t, v = f'"t_{column.name}"', f'"v_{column.name}"'
    words = unit_words(column)
    sent = words.get(header_unit or "", column.unit.factor if column.unit else 1)
    plain = f"jgt_plain_number({t})"
    parts = f"jgt_number_parts({t})"
    branches = " ".join(f"when {literal(w)} then {f}" for w, f in {**words, "": sent}.items())
    spelled = f"try_cast(replace({parts}.n, ',', '') as decimal(28, 6)) * (case {parts}.u {branches} end)"
    number = (
        f"case when {plain} is not null then {plain} * {sent} else {spelled} end"
        if words or sent != 1
        else (f"case when {plain} is not null then {plain} else {spelled} end")
    )
    bounded = f"try({number})"
    if column.logical_type == "integer":
        if sent == 1:
            value = f"try(case when {bounded} = floor({bounded}) then try_cast({bounded} as {column.duckdb_type}) end)"
        else:
            value = f"try_cast(round({bounded}, 0) as {column.duckdb_type})"
    else:
        value = f"try_cast({bounded} as {column.duckdb_type})"
    others = ", ".join(literal(w) for w, factor in words.items() if w and factor != sent)
    converted = f"when {parts}.u in ({others}) then {_BIT['UNIT_CONVERTED']} " if others else ""
    extra = f"case when {v} is null or {plain} is not null then 0 {converted}else {_BIT['NUMBER_RESPELLED']} end"
    return Cast(text, value, f"({base}) | ({extra})")


def unit_words(column: Column) -> dict[str, int]:
    """Every unit word a quantity may carry (万元, 亿, 元 …) → factor to the stored unit; empty if it has no unit."""
    if column.unit is None:
        return {}
    stored = column.unit.stored
    words = {magnitude + stored: factor for magnitude, factor in _MAGNITUDES.items()}
    words |= {magnitude: factor for magnitude, factor in _MAGNITUDES.items() if magnitude}
    return words | {column.unit.sent: column.unit.factor}
