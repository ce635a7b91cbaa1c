"""Rows that repeat an earlier one of their file are told by their fingerprints, whichever part and lane they went."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.judging.fast_lane_repeats import Fingerprints, Gathering, repeated

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 40), st.sampled_from([0, 1, 7, 2**63, 2**64 - 1])),
    unique_by=lambda row: row[:2],
    max_size=25,
)


@given(ROWS, st.integers(0, 25))
def test_all_but_the_first_of_equal_rows_repeat(rows: list[tuple[int, int, int]], split: int) -> None:
    # some of a part's rows went the fast lane, the judge has the others
    given_rows = []
    for lane in (rows[:split], rows[split:]):
        for part in {part for part, _, _ in lane}:
            gathered = Gathering()
            for place, fingerprint in sorted((o, h) for p, o, h in lane if p == part):
                gathered.add(np.array([fingerprint], np.uint64), np.array([place]))
            given_rows.append(gathered.of(part))
    seen: set[int] = set()
    expected: dict[int, list[int]] = {}
    for part, place, fingerprint in sorted(rows):
        if fingerprint in seen:
            expected.setdefault(part, []).append(place)
        seen.add(fingerprint)
    assert dict(repeated(given_rows)) == expected


def test_nothing_repeats_where_there_is_nothing() -> None:
    assert repeated([]) == []
    assert repeated([Gathering().of(0), Fingerprints(1, np.array([5], np.uint64), np.array([1], np.uint32))]) == []
