"""How alike two entities are: by character (rapidfuzz), never by byte, and the same whichever comes first."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from rapidfuzz.distance import Hamming, Indel

from ingest.matching import rules
from ingest.matching.addresses import Address, rooms
from ingest.matching.names import Name


class Side(NamedTuple):
    """One of the two that are compared; `district_code` is empty where it is not known."""

    name: Name
    address: Address
    district_code: str


class Score(NamedTuple):
    """A score between 0 and 1, its parts, and what it rests on in words for a steward."""

    score: float
    name: float
    address: float | None
    evidence: str


def core_likeness(one: str, other: str) -> float:
    """Share of characters two names have in common in order; 1.0 when equal, 0.0 when one is empty."""
    if not one or not other:
        return 0.0
    return float(Indel.normalized_similarity(one, other))


def score(one: Side, other: Side) -> Score:
    """Score a pair.

    Args:
        one: the mention, say.
        other: the registered entity, say; the order does not matter.

    Returns:
        The score, with 0.0001 as its finest step so that both engines and files agree.
    """
    name, said = _name_score(one.name, other.name)
    address = address_likeness(one.address, other.address)
    is_exclusive = one.name.full == other.name.full and one.name.is_company
    if address == 1.0 and _one_character_apart(one.name, other.name):
        name = max(name, rules.ONE_CHARACTER)
        said[0] = "名称一字之差"
    total = name
    if address is None:
        total -= 0 if is_exclusive else rules.NAME_ALONE
        said.append("无地址可比")
    else:
        weight = rules.ADDRESS_WEIGHT_FOR_EQUAL_COMPANY_NAME if is_exclusive else rules.ADDRESS_WEIGHT
        total = (1 - weight) * name + weight * address
        said.append(_address_words(one.address, other.address, address))
    if one.district_code and other.district_code and one.district_code != other.district_code:
        total -= rules.OTHER_DISTRICT
        said.append("不同区")
    return Score(_step(total), _step(name), None if address is None else _step(address), "；".join(said))


def _step(value: float) -> float:
    return round(value, 4) if 0.0 < value < 1.0 else 0.0 if value <= 0.0 else 1.0


def _one_character_apart(one: Name, other: Name) -> bool:
    return (
        one.branch == other.branch
        and len(one.core) == len(other.core) >= 4
        and Hamming.distance(one.core, other.core) == 1
        # digits tell apart what characters misspell: 一店 and 二店
        and not any(a != b and (a.isnumeric() or b.isnumeric()) for a, b in zip(one.core, other.core, strict=True))
    )


def _name_score(one: Name, other: Name) -> tuple[float, list[str]]:
    if one.full == other.full:
        return 1.0, ["名称相同"]
    likeness = core_likeness(one.core, other.core)
    said = ["名称主体相同" if likeness == 1 else f"名称主体相似 {likeness:.2f}"]
    total = likeness
    if one.head != other.head:
        total -= rules.OTHER_BRAND
        said.append("字号不同")
    if one.place != other.place and (apart := _places_apart(one.place, other.place)):
        differs = apart == "differ"
        total -= rules.OTHER_PLACE if differs else rules.PLACE_LEFT_OUT
        said.append("地名不同" if differs else "地名有省略")
    if one.form != other.form:
        differs = bool(one.form and other.form) and "公司" not in (one.form, other.form)
        total -= rules.OTHER_FORM if differs else rules.FORM_LEFT_OUT
        said.append("组织形式不同" if differs else "组织形式有省略")
    if one.branch != other.branch:
        total -= rules.OTHER_BRANCH
        said.append("分支机构不同")
    return total, said


@cache
def _places_apart(one: str, other: str) -> str:
    """`differ` where each of two lists of places names one that the other does not, `omit` where one does, else empty."""
    mine, theirs = set(filter(None, one.split("、"))), set(filter(None, other.split("、")))
    if mine == theirs:
        return ""
    return "differ" if mine - theirs and theirs - mine else "omit"


def address_likeness(one: Address, other: Address) -> float | None:
    """How alike two addresses are; None when one of them says nothing."""
    if not one.full or not other.full:
        return None
    if one.full == other.full:
        return 1.0
    if not (one.road and other.road):
        return core_likeness(one.full, other.full)
    road = core_likeness(one.road, other.road)
    if road < 0.6:  # another road; what follows it may be equal by chance
        return 0.0
    number = 0.8 if not (one.number and other.number) else 1.0 if one.number == other.number else 0.3
    mine, theirs = rooms(one.rest), rooms(other.rest)
    room = 0.93 if mine and theirs and mine != theirs else 1.0
    return road * number * room


def _address_words(one: Address, other: Address, likeness: float) -> str:
    if likeness == 1.0:
        return "地址相同"
    if one.road and one.road == other.road:
        if one.number == other.number:
            return "同路同号"
        return "同路不同号" if one.number and other.number else "同路"
    return f"地址相似 {likeness:.2f}" if likeness else "地址不同"
