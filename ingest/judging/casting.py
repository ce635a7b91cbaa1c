"""Text to typed values as SQL, from the contract: every spelling that departments use, set-wise, and what was repaired.

Each contract column goes through these names in one query, a step each, so that no expression is written out twice:
`r_` as sent, `w_` without blanks around it, `u_` in narrow characters, `t_` the text that is typed, `n_` a plain number,
`p_` the parts of a number that is not plain, `v_` the typed value (NULL where the text does not fit), `m_` a bit mask of
the repairs made (`reasons.REPAIRS`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.base.clock import CITY_MINUTES
from ingest.base.reasons import REPAIRS, UNKNOWN_KEPT
from ingest.base.sql import literal, literals
from ingest.feeds.model import Column
from ingest.feeds.units import unit_words

WHITESPACE = " \u3000\u00a0\t\r\n\u200b\ufeff"
_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NARROW = _DIGITS + _UPPER + _UPPER.lower()
_WIDE = "".join(chr(ord(c) + 0xFEE0) for c in _NARROW)
_NARROW_MARKS = _NARROW + "-/.,:+%() "
WIDE_MARKS = _WIDE + "－／．，：＋％（）\u3000"
_TRUE = ("是", "1", "y", "yes", "true", "t", "有", "√", "1.0")
_FALSE = ("否", "0", "n", "no", "false", "f", "无", "×", "0.0")
# a date that Excel handed over as its serial number: 1954-10-03 to 2119-01-10
_SERIAL = r"[2-7][0-9]{4}(\.[0-9]+)?"
_ZONE = r"^[^ T]+[ T].*?(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_BIT = {code: repair.bit for code, repair in REPAIRS.items()}


@dataclass(frozen=True)
class Cast:
    """SQL of one column, a step each; None where a step has nothing to do.

    Args:
        narrow: `u_`, over `w_`.
        text: `t_`, over `u_`.
        plain: `n_`, over `t_`.
        parts: `p_`, over `t_` and `n_`.
        value: `v_`, over `t_`, `n_`, `p_` and, for a code list, `l_`.
        repairs: `m_`, over all of them.
    """

    narrow: str
    text: str
    value: str
    repairs: str
    plain: str | None = None
    parts: str | None = None


@dataclass(frozen=True)
class Plain:
    """What `fast_lane` makes of a column.

    Args:
        value: `v_`, over `t_`, the cell as sent, and for a code list `l_`.
        condition: over `t_`, `v_` and for a code list `s_`: nothing is to be repaired and `v_` is the judge's value. None
            where a value that the judge does not refuse says so by itself.
    """

    value: str
    condition: str | None = None


# every blank of WHITESPACE that sorts above "!"
_WIDE_BLANKS = "\u3000\u00a0\u200b\ufeff"


def _as_is(name: str, wide: str) -> str:
    """A macro: is a text free of blanks around it and of the characters that would be folded? Cheap conditions first."""
    ends = [f"suffix(s, {literal(blank)})" for blank in WHITESPACE if blank not in _WIDE_BLANKS]
    wide_ends = [f"{side}(s, {literal(blank)})" for blank in _WIDE_BLANKS for side in ("prefix", "suffix")]
    return (
        # CASE stops where `or` would go on: in a projection DuckDB works out both its sides for every row (2026-11)
        f"create or replace temp macro {name}(s) as s >= '!' and not ({' or '.join(ends)}) and "
        f"case when strlen(s) = length(s) then true "
        f"else not ({' or '.join(wide_ends)} or regexp_matches(s, {literal(wide)})) end"
    )


MACROS = (
    _as_is("jgt_as_is", "[０-９Ａ-Ｚａ-ｚ]"),
    _as_is("jgt_as_is_marks", f"[{WIDE_MARKS}]"),
    f"create or replace temp macro jgt_trim(s) as nullif(trim(s, {literal(WHITESPACE)}), '')",
    # ASCII text, most of it, is recognised by its byte length and costs nothing more
    f"""create or replace temp macro jgt_fold(s) as case when strlen(s) = length(s) then s
        when regexp_matches(s, '[０-９Ａ-Ｚａ-ｚ]') then translate(s, '{_WIDE}', '{_NARROW}') else s end""",
    f"""create or replace temp macro jgt_fold_marks(s) as case when strlen(s) = length(s) then s
        else trim(translate(s, '{WIDE_MARKS}', '{_NARROW_MARKS}')) end""",
    # 2024年1月2日 8时5分 → 2024-1-2 8:5
    # 2026-01-02T20:00:00Z is the 3rd in the city; try_cast to timestamp drops the zone without a word (DuckDB 1.5.6)
    f"""create or replace temp macro jgt_zone(s) as
        case when length(s) > 10 then nullif(regexp_extract(s, {literal(_ZONE)}, 1), '') end""",
    """create or replace temp macro jgt_zone_minutes(z) as case when lower(z) in ('z', 'utc', 'gmt') then 0
        else (case when z[1] = '-' then -1 else 1 end)
            * (cast(z[2:3] as int) * 60 + coalesce(try_cast(replace(z[4:], ':', '') as int), 0)) end""",
    f"""create or replace temp macro jgt_zoned(s, z) as
        try_cast(rtrim(s[:-length(z) - 1]) as timestamp) + to_minutes({CITY_MINUTES} - jgt_zone_minutes(z))""",
    """create or replace temp macro jgt_date_spelling(s) as
        rtrim(replace(translate(replace(s, '号', '日'), '年月/.时分秒', '----::'), '日', ' '), ' :-')""",
    f"""create or replace temp macro jgt_timestamp(s) as case
        when s like '____-__-__%' then case when jgt_zone(s) is null then try_cast(s as timestamp)
            else jgt_zoned(s, jgt_zone(s)) end
        when regexp_full_match(s, '[0-9]{{8}}') then try_strptime(s, '%Y%m%d')
        when regexp_full_match(s, '[0-9]{{14}}') then try_strptime(s, '%Y%m%d%H%M%S')
        when regexp_full_match(s, '{_SERIAL}')
            then timestamp '1899-12-30' + to_seconds(round(cast(s as double) * 86400))
        when regexp_matches(s, '^[12][0-9]{{3}}[^0-9]') then try_cast(jgt_date_spelling(s) as timestamp) end""",
    # a year before 1900 is a slip or Excel's zero date, never a date of these registers
    """create or replace temp macro jgt_plausible(t) as
        case when t >= timestamp '1900-01-01' and t < timestamp '10000-01-01' then t end""",
    "create or replace temp macro jgt_plain_number(s) as "
    "case when strpos(lower(s), 'e') = 0 then try_cast(s as decimal(28, 6)) end",
    r"""create or replace temp macro jgt_number_parts(s) as regexp_extract(
        s, '^[¥￥]? *([-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?) *(\D*)$', ['n', 'u'])""",
)


def cast_column(column: Column, header_unit: str | None = None) -> Cast:
    """SQL that turns a column's text into its typed value.

    Args:
        column: the contract's column.
        header_unit: unit that the file's header names, where it differs from the contract's.

    Returns:
        Expressions for each step and for the repairs.
    """
    r, w, u, t, v = (f'"{prefix}_{column.name}"' for prefix in "rwutv")
    fold = "jgt_fold" if _is_free_text(column) else "jgt_fold_marks"
    narrow = f"nullif({fold}({w}), '')"
    tidied = (
        f"case when {r} is null or {r} = {u} then 0 when {w} is null or {w} = {u} "
        f"then {_BIT['WHITESPACE_TRIMMED']} else {_BIT['FULLWIDTH_FOLDED']} end"
    )
    if column.rules:
        raised = f"case when {u} <> {t} then {_BIT['UPPERCASED']} else 0 end"
        return Cast(narrow, f"upper({u})", t, f"({tidied}) | ({raised})")
    if column.codes:
        # a label that the contract itself writes with full-width marks, 车辆（万辆）, was not respelled
        marked = literals(label for label, _ in column.codes if label != _folded(label))
        trimmed = f"case when {r} = {w} then 0 else {_BIT['WHITESPACE_TRIMMED']} end"
        counted = f"case when {w} in ({marked}) then {trimmed} else ({tidied}) end" if marked else tidied
        known = literals(dict.fromkeys(code for _, code in column.codes))
        return Cast(narrow, u, _kept(column, _enum(column, t), t), counted + _is_kept(column, f"{v} not in ({known})"))
    if column.code_list or column.width:
        return _code(column, narrow, tidied)
    if column.logical_type == "boolean":
        return Cast(narrow, f"lower({u})", _boolean(t), tidied)
    if column.logical_type in ("date", "timestamp"):
        value = f"cast(jgt_plausible(jgt_timestamp({t})) as {column.duckdb_type})"
        other = f"({t} not like '____-__-__%' or jgt_zone({t}) is not null)"
        respelled = f"case when {v} is not null and {other} then {_BIT['DATE_RESPELLED']} else 0 end"
        return Cast(narrow, u, value, f"({tidied}) | ({respelled})")
    if column.logical_type in ("integer", "number"):
        return _number(column, narrow, tidied, header_unit)
    return Cast(narrow, u, t, tidied)


def _folded(text: str) -> str:
    """A contract's label as `jgt_fold_marks` leaves the text it is compared with."""
    return text.translate(str.maketrans(WIDE_MARKS, _NARROW_MARKS)).strip()


def plain_column(column: Column, header_unit: str | None = None, is_looked_through: bool = False) -> Plain:
    """SQL that types a column of a row that needs no repair; see `cast_column`.

    A condition may be too strict, never too lax.

    Args:
        column: the contract's column.
        header_unit: unit that the file's header names, where it differs from the contract's.
        is_looked_through: `line_facts` found nothing in the row's line, so that its cells need not be asked.
    """
    t, v = (f'"{prefix}_{column.name}"' for prefix in "tv")
    if column.rules:  # upper case, ASCII and no blanks: a check digit's macro lets nothing else pass
        return Plain(t)
    if column.codes:
        return Plain(_enum(column, t))
    if column.code_list or column.width:
        conditions = [f"jgt_as_is_marks({t})", f"not suffix({t}, '.0')"]
        conditions += [f"strlen({t}) >= {column.width}"] if column.width else []
        return Plain(t, " and ".join(conditions))
    if column.logical_type == "boolean":
        return Plain(_boolean(f"lower({t})"))
    if column.logical_type == "date":
        # ten bytes, a year of four figures and no other separator leave one spelling
        written = f"cast({v} as varchar) = {t} and {v} >= date '1900-01-01'"
        return Plain(f"try_cast({t} as date)", f"strlen({t}) = 10 and {written}")
    if column.logical_type == "timestamp":
        written = (
            f"case strlen({t}) when 19 then cast({v} as varchar) when 10 then cast(cast({v} as date) as varchar) end"
        )
        return Plain(f"try_cast({t} as timestamp)", f"{written} = {t} and {v} >= timestamp '1900-01-01'")
    if column.logical_type in ("integer", "number"):
        return _plain_number(column, header_unit)
    if _is_free_text(column):
        return Plain(t, None if is_looked_through else f"jgt_as_is({t})")
    return Plain(t, f"jgt_as_is_marks({t})")


def _plain_number(column: Column, header_unit: str | None) -> Plain:
    t = f'"t_{column.name}"'
    sent = _sent_factor(column, header_unit)
    if column.logical_type == "integer":
        return Plain(
            f"try_cast(try_cast({t} as bigint) * {sent} as {column.duckdb_type})",
            f"strlen({t}) <= 12 and regexp_full_match({t}, '-?[0-9]+')",
        )
    places = min(6, _scale(column) + len(str(sent)) - 1) if str(sent).strip("0") == "1" else 0
    fraction = f"([.][0-9]{{1,{places}}})?" if places else ""
    return Plain(
        f"try_cast(try_cast({t} as decimal(28, 6)) * {sent} as {column.duckdb_type})",
        f"strlen({t}) <= 16 and regexp_full_match({t}, '-?[0-9]{{1,12}}{fraction}')",
    )


def _scale(column: Column) -> int:
    """Decimal places that a column's type keeps; 6 for a floating one, since numbers are read with six."""
    found = re.search(r",\s*([0-9]+)\)", column.duckdb_type)
    return int(found[1]) if found else 6 if column.duckdb_type in ("DOUBLE", "FLOAT", "REAL") else 0


def _is_free_text(column: Column) -> bool:
    """Text in which only letters and digits are made narrow; all else is a code, or the contract says `fold`."""
    return column.logical_type == "string" and not _is_code(column) and not column.fold


def _is_code(column: Column) -> bool:
    return bool(column.rules or column.codes or column.code_list or column.width or column.is_key)


def enum_spellings(column: Column) -> dict[str, str]:
    """What a code of the contract's own list may be written as, with narrow marks → the code."""
    # labels first: they are what departments write
    spellings = {_folded(label): value for label, value in column.codes}
    return {**spellings, **{value: value for _, value in column.codes if value not in spellings}}


def _enum(column: Column, t: str) -> str:
    spellings = enum_spellings(column)
    branches = " ".join(f"when {literal(spelling)} then {literal(value)}" for spelling, value in spellings.items())
    value = f"case {t} {branches} end"
    return value if column.duckdb_type == "VARCHAR" else f"cast({value} as {column.duckdb_type})"


def _kept(column: Column, value: str, t: str) -> str:
    """The code, or where the contract keeps what is not on its list, what was sent."""
    return f"coalesce({value}, {t})" if column.keeps_unknown else value


def _is_kept(column: Column, is_unknown: str) -> str:
    """The repair that says so, as one more part of the mask."""
    return f" | case when {is_unknown} then {_BIT[UNKNOWN_KEPT]} else 0 end" if column.keeps_unknown else ""


def _code(column: Column, narrow: str, tidied: str) -> Cast:
    """A code's text with Excel's decimal tail off (5245.0) and its leading zeros back, as the contract's width says."""
    u, t = f'"u_{column.name}"', f'"t_{column.name}"'
    branches = f"when {u} like '%.0' and regexp_full_match({u}, '[0-9]+[.]0') then {_pad(column, f'{u}[:-3]')} "
    if column.width:
        short = f"length({u}) < {column.width} and regexp_full_match({u}, '[0-9]+')"
        branches += f"when {short} then {_pad(column, u)} "
    changed = (
        f"case when {u} is null or {u} = {t} then 0 when {u} like '%.0' then {_BIT['FLOAT_CODE']} "
        f"else {_BIT['ZERO_PADDED']} end"
    )
    repairs, value = f"({tidied}) | ({changed})", t
    if column.code_list:
        value = _kept(column, f'"l_{column.name}".code', t)
        repairs += f' | case when "s_{column.name}" then {_BIT["DISTRICT_SUCCEEDED"]} else 0 end'
        repairs += _is_kept(column, f'{t} is not null and "s_{column.name}" is null')
    return Cast(narrow, f"case {branches}else {u} end", value, repairs)


def _pad(column: Column, source: str) -> str:
    return f"lpad({source}, greatest({column.width}, length({source}))::int, '0')" if column.width else source


def _boolean(t: str) -> str:
    true, false = (literals(words) for words in (_TRUE, _FALSE))
    return f"case when {t} in ({true}) then true when {t} in ({false}) then false end"


def _number(column: Column, narrow: str, tidied: str, header_unit: str | None) -> Cast:
    u, t, n, p, v = (f'"{prefix}_{column.name}"' for prefix in "utnpv")
    words = unit_words(column)
    sent = _sent_factor(column, header_unit)
    by_word = " ".join(f"when {literal(w)} then {f}" for w, f in {**words, "": sent}.items())
    # far beyond any amount of these feeds, and multiplied it still fits DECIMAL(38, 6)
    spelled = f"try_cast(replace({p}.n, ',', '') as decimal(28, 6)) * (case {p}.u {by_word} end)"
    stored = f"try(case when {n} is not null then {n} * {sent} else {spelled} end)"
    if column.logical_type == "number":
        value = f"try_cast({stored} as {column.duckdb_type})"
    elif column.unit and column.unit.factor != 1:
        value = f"try_cast(round({stored}, 0) as {column.duckdb_type})"
    else:
        # try_cast to an integer would round 2.5 to 3
        value = f"case when try({stored} % 1) = 0 then try_cast({stored} as {column.duckdb_type}) end"
    others = literals(word for word, factor in words.items() if word and factor != sent)
    converted = f"when {p}.u in ({others}) then {_BIT['UNIT_CONVERTED']} " if others else ""
    respelled = f"case when {v} is null or {n} is not null then 0 {converted}else {_BIT['NUMBER_RESPELLED']} end"
    rounded = f"case when {v} is not null and {stored} <> {v} then {_BIT['NUMBER_ROUNDED']} else 0 end"
    floats = column.duckdb_type in ("DOUBLE", "FLOAT", "REAL")  # these round whatever they hold
    return Cast(
        narrow,
        u,
        value,
        f"({tidied}) | ({respelled})" + ("" if floats else f" | ({rounded})"),
        plain=f"jgt_plain_number({t})",
        parts=f"case when {n} is null and {t} is not null then jgt_number_parts({t}) end",
    )


def _sent_factor(column: Column, header_unit: str | None) -> int:
    """A number without a unit word, as sent, times this is what is stored."""
    return unit_words(column).get(header_unit or "", column.unit.factor if column.unit else 1)
