"""Link, ask a steward, or leave alone: what becomes of a mention, from its candidates and what was decided before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ingest.matching import rules

Outcome = Literal["linked", "queued", "unlinked"]

# why a steward is asked; the labels are what `jgt match` and the quality mart show
REASONS: Final = {
    "close": "两个以上主体同样像",
    "doubtful": "相似但不足以自动认定",
    "other_code": "名称相符而代码不同",
    "name_differs": "代码相符而名称不符",
    "dead_code": "代码属于已注销（吊销、迁出）的主体，名称不符",
    "dead_rival": "同名同址的主体一存一销",
}


class Codes(NamedTuple):
    """The codes that a mention carries or an entity holds; None where there is none."""

    uscc: str | None = None
    organization_code: str | None = None
    registration_no: str | None = None

    def contradict(self, other: Codes) -> bool:
        """Whether both have a code of one kind, and not the same. A mention's unified code holds its organization code."""
        if self.uscc and other.uscc and self.uscc != other.uscc:
            return True
        mine = self.organization_code or (self.uscc or "")[8:17]
        theirs = other.organization_code or (other.uscc or "")[8:17]
        if mine and theirs and mine != theirs:
            return True
        return bool(self.registration_no and other.registration_no and self.registration_no != other.registration_no)

    def any(self) -> bool:
        """Whether there is a code at all."""
        return bool(self.uscc or self.organization_code or self.registration_no)


class Candidate(NamedTuple):
    """A registered entity that a mention may mean. `via`: the kind of code that led to it, empty for a name."""

    entity_id: str
    via: str
    score: float
    name_score: float
    is_active: bool
    codes: Codes
    evidence: str = ""


@dataclass(frozen=True)
class Decision:
    """A steward's decision on a pair."""

    verdict: Literal["accept", "reject"]
    by: str


class Choice(NamedTuple):
    """What becomes of a mention.

    `shown` are the candidates a steward sees, best first: the open ones of a queued mention, and those of a link that
    was made by name, so that it can be looked at and undone. `decided_by` is `rules` or the steward.
    """

    outcome: Outcome
    entity_id: str | None = None
    method: str = ""
    score: float | None = None
    evidence: str = ""
    decided_by: str = "rules"
    reason: str = ""
    shown: tuple[Candidate, ...] = ()


def choose(
    codes: Codes, has_name: bool, candidates: Sequence[Candidate], decisions: Mapping[str, Decision] | None = None
) -> Choice:
    """Decide about one mention.

    Args:
        codes: what the mention carries.
        has_name: whether it has a name at all.
        candidates: in any order.
        decisions: what stewards said, by entity_id.

    Returns:
        The choice. An acceptance stands whatever the rules say now; what was rejected is never linked, and a rejection
        alone links nothing either: the rival it leaves behind still waits for a steward.
    """
    said = decisions or {}
    ordered = tuple(sorted(candidates, key=_order))[: rules.MOST_CANDIDATES]
    for entity_id, decision in sorted(said.items()):
        if decision.verdict == "accept":
            own = next((c for c in ordered if c.entity_id == entity_id), None)
            return Choice(
                "linked",
                entity_id,
                "decision",
                own.score if own else None,
                own.evidence if own else "",
                decision.by,
                shown=ordered,
            )
    plain = _by_rules(codes, has_name, ordered)
    left = tuple(c for c in plain.shown if c.entity_id not in said)
    if plain.outcome == "linked" and plain.entity_id in said:
        return Choice("queued" if left else "unlinked", reason="doubtful" if left else "", shown=plain.shown)
    if plain.outcome == "queued" and not left:
        return Choice("unlinked", shown=plain.shown)
    return plain


def _order(candidate: Candidate) -> tuple[bool, float, bool, str]:
    return not candidate.via, -candidate.score, not candidate.is_active, candidate.entity_id


def _by_rules(codes: Codes, has_name: bool, ordered: tuple[Candidate, ...]) -> Choice:
    by_code = [c for c in ordered if c.via]
    if by_code:
        return _with_code(has_name, ordered, by_code)
    if not ordered or ordered[0].score < rules.QUEUE_FROM:
        return Choice("unlinked")
    best = ordered[0]
    rivals = [c for c in ordered[1:] if best.score - c.score < rules.LEAD]
    if best.score < rules.LINK_FROM:
        reason = "other_code" if codes.contradict(best.codes) else "doubtful"
        return Choice("queued", reason=reason, shown=ordered)
    if codes.contradict(best.codes):
        return Choice("queued", reason="other_code", shown=ordered)
    if rivals:
        mixed = any(c.is_active != best.is_active for c in rivals)
        return Choice("queued", reason="dead_rival" if mixed else "close", shown=ordered)
    return Choice("linked", best.entity_id, "name", best.score, best.evidence, shown=ordered)


def _with_code(has_name: bool, ordered: tuple[Candidate, ...], by_code: list[Candidate]) -> Choice:
    living = [c for c in by_code if c.is_active] or by_code
    fitting = [c for c in living if not has_name or c.name_score >= rules.NAME_BEARS_OUT_CODE]
    dead_code = any(c.via == "uscc" for c in by_code)
    if not fitting:
        return Choice("queued", reason="dead_code" if dead_code else "name_differs", shown=ordered)
    best = max(fitting, key=lambda c: c.name_score)
    if any(c is not best and best.name_score - c.name_score < rules.LEAD for c in fitting):
        return Choice("queued", reason="close", shown=ordered)
    return Choice("linked", best.entity_id, best.via, 1.0, best.evidence if has_name else "", shown=())
