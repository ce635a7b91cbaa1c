"""What of an enterprise's name tells it apart: the place before it, the name itself, its legal form, its branch."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ingest.feeds.loading import load_code_list
from ingest.matching.characters import fold

_PROVINCE = "江苏"
# longest first; 个体工商户 and the like may follow a form
_FORMS = (
    ("股份有限责任公司", "股份"),
    ("股份有限公司", "股份"),
    ("有限责任公司", "有限"),
    ("有限公司", "有限"),
    ("有限合伙企业", "合伙"),
    ("有限合伙", "合伙"),
    ("合伙企业", "合伙"),
    ("普通合伙", "合伙"),
    ("特殊普通合伙", "合伙"),
    ("个人独资企业", "独资"),
    ("个人独资", "独资"),
    ("股份公司", "股份"),
    ("公司", "公司"),
)
_LAST_OF_FORMS = ("公司", "合伙", "企业", "独资")
_COMPANY_FORMS = frozenset(form for _, form in _FORMS)
_REMARK = re.compile("(个体工商户|个体户|个体|已注销|已吊销|筹备?|自然人独资|外商独资|国有独资)$")
# the last characters of these patterns: few names end so, and looking at the end costs a tenth of a search (2026-11)
_LAST_OF_REMARKS = ("户", "个体", "注销", "吊销", "筹", "筹备", "独资")
_LAST_OF_BRANCHES = ("分公司", "支公司", "分厂", "店", "部", "行", "分院", "办事处")
_BRANCH = re.compile(
    "^(?P<main>.{2,}?(?:公司|集团|厂|合作社|银行|医院|学校|酒店|商场|超市))"
    "(?P<branch>.{0,16}?(?:分公司|支公司|分厂|分店|分部|分行|支行|分院|营业部|门市部|经营部|门店|办事处|项目部|第?[0-9一二三四五六七八九十]+店))$"
)
_NUMBERED_SHOP = re.compile(
    "^(?P<main>.{2,}[店馆部院行园铺室场吧厅城坊])(?P<branch>(?:第?[0-9一二三四五六七八九十]+|总|分)店)$"
)
# what stands in brackets: 鑫盛（南京）机械 names the place, 张三小吃（浦口店） the branch
_BRACKETED = re.compile("[（(〔\\[【]([^（）()〔〕\\[\\]【】]{1,16})[）)〕\\]】]")
_BRANCH_WORDS = re.compile("(店|分公司|支公司|分厂|分部|分行|支行|分院|营业部|门市部|办事处|项目部)$")
# 南京路小吃店 lies in a street, 南京小吃店 in the city
_NOT_A_STREET = "(?!路|东路|西路|南路|北路|中路|街|大街|大道|港)"


class Name(NamedTuple):
    """A name in its parts, folded.

    `core` is what is left between place and form; `place` holds the places named before it, in order, parted by 、.
    """

    full: str
    core: str
    place: str
    form: str
    branch: str

    @property
    def head(self) -> str:
        """The first two characters of the core (字号), by which names are blocked."""
        return self.core[:2]

    @property
    def is_company(self) -> bool:
        """Whether the form says that it is a registered company or partnership, hence no small place."""
        return self.form in _COMPANY_FORMS or "公司" in self.full or self.core.endswith("集团")


@cache
def _places() -> re.Pattern[str]:
    districts = [fold(r["name"]) for r in load_code_list("district") if r["level"] in ("district", "retired")]
    streets = {re.sub("(街道|镇)$", "", fold(r["name"])) for r in load_code_list("street")}
    city = next(fold(r["name"]) for r in load_code_list("district") if r["level"] == "city")
    town = city.removesuffix("市")
    zones = [fold(r["name"]) for r in load_code_list("district") if r["level"] == "functional_zone"]
    listed = "|".join(sorted(map(re.escape, [*districts, *zones]), key=len, reverse=True))
    lanes = "|".join(sorted((re.escape(s) for s in streets if 2 <= len(s) <= 4), key=len, reverse=True))
    province, town_first = f"(?:{_PROVINCE}省?)", f"(?:(?:{city}|{town}){_NOT_A_STREET})"
    return re.compile(
        f"^(?:{town_first}{province}|{province}?{town_first}?)(?:{listed})?(?:(?:{lanes})(?:街道|镇)?{_NOT_A_STREET})?"
    )


@cache
def _first_of_places() -> frozenset[str]:
    """The characters that a place before a name may begin with."""
    rows = [r["name"] for kind in ("district", "street") for r in load_code_list(kind)]
    return frozenset(fold(name)[:1] for name in (_PROVINCE, *rows))


@cache
def _widest() -> re.Pattern[str]:
    town = next(fold(r["name"]) for r in load_code_list("district") if r["level"] == "city").removesuffix("市")
    return re.compile(f"({_PROVINCE})省?|({town})市?")


def parse_name(text: str | None) -> Name:
    """Take a name apart.

    Args:
        text: as a department spells it.

    Returns:
        Its parts. Nothing is taken off where less than two characters would be left.
    """
    full = fold(text)
    rest, branch = _out_of_brackets(text, full)
    while rest.endswith(_LAST_OF_REMARKS) and len(cut := _REMARK.sub("", rest)) >= 2 and cut != rest:
        rest = cut
    if not branch and rest.endswith(_LAST_OF_BRANCHES):
        found = _BRANCH.match(rest) or _NUMBERED_SHOP.match(rest)
        rest, branch = (found["main"], found["branch"]) if found else (rest, "")
    form = ""
    for ending, kind in _FORMS if rest.endswith(_LAST_OF_FORMS) else ():
        if rest.endswith(ending) and len(rest) - len(ending) >= 2:
            rest, form = rest[: -len(ending)], kind
            break
    before = _places().match(rest) if rest[:1] in _first_of_places() else None
    place = before[0] if before else ""
    if len(rest) - len(place) < 2:
        place = ""
    return Name(full, rest[len(place) :], _listed(place), form, branch)


def _out_of_brackets(text: str | None, full: str) -> tuple[str, str]:
    """The folded name with a bracketed place put in front, and the branch that stood in brackets."""
    # folding leaves no bracket
    found = _BRACKETED.search(text) if text and text != full else None
    if not found or not text:
        return full, ""
    inner, around = fold(found[1]), fold(text[: found.start()] + text[found.end() :])
    if len(around) < 2:
        return full, ""
    if _BRANCH_WORDS.search(inner):
        return around, inner
    place = _places().match(inner)
    if inner and place and place[0] == inner:
        return (around if around.startswith(inner) else inner + around), ""
    return full, ""


@cache
def _listed(place: str) -> str:
    """The places of a prefix, province and city without 省 and 市, parted by 、."""
    parts = []
    while found := _widest().match(place):
        parts.append(found[1] or found[2])
        place = place[found.end() :]
    return "、".join([*parts, place] if place else parts)
