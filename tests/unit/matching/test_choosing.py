"""Link, ask, or leave alone: the rule of one mention."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.matching.choosing import Candidate, Codes, Decision, choose

NOBODY = Codes()


def like(
    entity_id: str, score: float, via: str = "", name: float | None = None, alive: bool = True, **codes: str
) -> Candidate:
    return Candidate(entity_id, via, score, score if name is None else name, alive, Codes(**codes))


def test_one_clear_candidate_is_linked() -> None:
    choice = choose(NOBODY, True, [like("A", 0.96), like("B", 0.80)])
    assert (choice.outcome, choice.entity_id, choice.method) == ("linked", "A", "name")


def test_two_that_are_as_good_are_a_stewards() -> None:
    choice = choose(NOBODY, True, [like("A", 0.96), like("B", 0.95)])
    assert (choice.outcome, choice.entity_id, choice.reason) == ("queued", None, "close")
    assert [c.entity_id for c in choice.shown] == ["A", "B"]


def test_a_dead_enterprise_and_its_successor_on_the_spot_are_a_stewards() -> None:
    choice = choose(NOBODY, True, [like("老店", 1.0, alive=False), like("新店", 1.0)])
    assert (choice.outcome, choice.reason) == ("queued", "dead_rival")


def test_what_is_somewhat_alike_is_a_stewards_and_what_is_not_is_nobodys() -> None:
    assert choose(NOBODY, True, [like("A", 0.85)]).outcome == "queued"
    assert choose(NOBODY, True, [like("A", 0.60)]).outcome == "unlinked"
    assert choose(NOBODY, True, []).outcome == "unlinked"


def test_the_same_name_with_another_code_is_never_guessed() -> None:
    mention = Codes(uscc="91320115MA1WXYK12A")
    choice = choose(mention, True, [like("A", 1.0, uscc="913201047041234567")])
    assert (choice.outcome, choice.reason) == ("queued", "other_code")


def test_a_code_that_the_register_does_not_have_contradicts_nothing() -> None:
    choice = choose(Codes(registration_no="320115000012345"), True, [like("A", 0.97, uscc="913201047041234567")])
    assert (choice.outcome, choice.method) == ("linked", "name")


def test_a_code_links_whatever_is_like_the_name() -> None:
    found = [like("持码者", 0.75, "organization_code", 0.75), like("同名者", 1.0)]
    choice = choose(Codes(organization_code="MA1WXYK12"), True, found)
    assert (choice.outcome, choice.entity_id, choice.method) == ("linked", "持码者", "organization_code")


def test_a_code_whose_holder_has_quite_another_name_is_a_stewards() -> None:
    choice = choose(Codes(organization_code="MA1WXYK12"), True, [like("A", 0.1, "organization_code", 0.1)])
    assert (choice.outcome, choice.reason) == ("queued", "name_differs")
    choice = choose(Codes(uscc="91320115MA1WXYK12A"), True, [like("A", 0.1, "uscc", 0.1, alive=False)])
    assert (choice.outcome, choice.reason) == ("queued", "dead_code")


def test_a_code_without_a_name_is_enough() -> None:
    assert (
        choose(Codes(registration_no="320115000012345"), False, [like("A", 0.0, "registration_no", 0.0)]).entity_id
        == "A"
    )


def test_of_two_holders_of_one_number_the_living_one_is_meant() -> None:
    found = [like("存续", 0.9, "registration_no", 0.9), like("注销", 0.9, "registration_no", 0.9, alive=False)]
    assert choose(Codes(registration_no="320115000012345"), True, found).entity_id == "存续"


def test_an_acceptance_stands_whatever_the_rules_say() -> None:
    choice = choose(NOBODY, True, [like("A", 0.99), like("B", 0.75)], {"B": Decision("accept", "李娜")})
    assert (choice.outcome, choice.entity_id, choice.method, choice.decided_by) == ("linked", "B", "decision", "李娜")
    gone = choose(NOBODY, True, [], {"B": Decision("accept", "李娜")})
    assert (gone.outcome, gone.entity_id) == ("linked", "B")


def test_rejecting_one_of_two_does_not_link_the_other() -> None:
    found = [like("A", 0.96), like("B", 0.95)]
    assert choose(NOBODY, True, found, {"A": Decision("reject", "李娜")}).outcome == "queued"
    both = {"A": Decision("reject", "李娜"), "B": Decision("reject", "李娜")}
    assert choose(NOBODY, True, found, both).outcome == "unlinked"


def test_a_link_made_by_name_can_be_rejected() -> None:
    found = [like("A", 0.96), like("B", 0.80)]
    assert choose(NOBODY, True, found, {"A": Decision("reject", "李娜")}).outcome == "queued"
    assert choose(NOBODY, True, found[:1], {"A": Decision("reject", "李娜")}).outcome == "unlinked"


SOME = st.lists(
    st.builds(
        like,
        st.sampled_from("ABCDEFGH"),
        st.integers(0, 20).map(lambda n: n / 20),
        st.sampled_from(["", "", "organization_code", "uscc"]),
        alive=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda c: c.entity_id,
)


@given(SOME, st.randoms(), st.dictionaries(st.sampled_from("ABCDEFGH"), st.just(Decision("reject", "李娜"))))
def test_the_order_of_candidates_decides_nothing(
    found: list[Candidate], random: object, said: dict[str, Decision]
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    choice = choose(NOBODY, True, found, said)
    assert choose(NOBODY, True, shuffled, said) == choice
    assert choice.entity_id not in said
    assert (choice.outcome == "linked") == (choice.entity_id is not None)
