"""What a run shows while dbt works: every node once, and all of them at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from orchestration.run.console import dbt_progress


def built(node: str) -> dg.Output[None]:
    return dg.Output(None, output_name=node.replace(".", "_"), metadata={"unique_id": node})


def observed(asset: str, node: str) -> dg.AssetObservation:
    """A test on several models: dagster-dbt tells it once a model."""
    return dg.AssetObservation(asset_key=asset, metadata={"unique_id": node})


EVENTS = [
    built("seed.jgt.code"),
    built("model.jgt.a"),
    built("model.jgt.b"),
    observed("a", "test.jgt.both"),
    observed("b", "test.jgt.both"),
]


def test_a_test_on_two_models_counts_once_and_the_end_is_all() -> None:
    said: list[str] = []
    assert list(dbt_progress(EVENTS, 4, said.append, every=1)) == EVENTS
    assert said == ["dbt 1/4", "dbt 2/4", "dbt 3/4", "dbt 4/4"]


def test_between_two_lines_nothing_is_said_but_the_end_is() -> None:
    said: list[str] = []
    list(dbt_progress(EVENTS, 4, said.append, every=3))
    assert said == ["dbt 3/4", "dbt 4/4"]


def test_a_build_that_fails_does_not_say_that_all_is_done() -> None:
    said: list[str] = []

    def broken() -> Iterator[Any]:
        yield EVENTS[0]
        raise RuntimeError("dbt ended with 1")

    with pytest.raises(RuntimeError):
        list(dbt_progress(broken(), 4, said.append, every=1))
    assert said == ["dbt 1/4"]
