"""What the bytes of a file say of its lines: the same however they are read, and lines are picked whole."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import line_facts
from ingest.readers.line_facts import LineFacts, pick_lines

PLAIN = "1,甲公司,2024-02-29,“引号”"
# what a plain row may not hold, at the beginning, in the middle and at the end of its line
ODD = (
    " 1,甲公司,2024-02-29,x",
    "1,　甲公司,2024-02-29,x",
    "1,甲公司\u00a0,2024-02-29,x",
    "1,甲公司,2024/02/29,x",
    "1,甲公司,2024 02 29,x",
    "1,１号公司,2024-02-29,x",
    "1,Ａ公司,2024-02-29,x",
    "1,ｚ公司,2024-02-29,x",
    "1,甲公司,2024-02-29,1.2E+05",
    "1,甲公司,2024-02-29,x\t",
    "\ufeff1,甲公司,2024-02-29,x",
)


def looked_at(text: bytes, sizes: list[int]) -> LineFacts:
    """The facts of a text that comes in blocks of these sizes, and the rest in one."""
    facts = LineFacts()
    at = 0
    for size in [*sizes, len(text)]:
        facts.add(text[at : at + size])
        at += size
    return facts


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from((PLAIN, *ODD)), max_size=20), st.lists(st.integers(0, 90), max_size=9), st.booleans())
def test_lines_are_told_however_the_bytes_come(lines: list[str], sizes: list[int], is_ended: bool) -> None:
    text = ("\n".join(lines) + ("\n" if lines and is_ended else "")).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_facts, "_MOST", 1)
        facts = looked_at(text, sizes)
        found = facts.suspects()
    assert found == tuple(number for number, line in enumerate(lines) if line in ODD)
    assert facts.feeds == text.count(b"\n")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_picked_lines_are_whole_whatever_ends_them_and_with_a_mark_before_them(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[str],
    end: str,
    has_mark: bool,
    is_ended: bool,
    data: st.DataObject,
) -> None:
    # a text that ends without a line end has a last line, unless that is empty
    text = (end.join(lines) + (end if is_ended or not lines[-1] else "")).encode()
    facts = looked_at(text, data.draw(st.lists(st.integers(0, 30), max_size=5)))
    facts.suspects()
    path = tmp_path_factory.mktemp("lines") / "sent.csv"
    path.write_bytes((codecs.BOM_UTF8 if has_mark else b"") + text)
    wanted = data.draw(st.lists(st.integers(0, len(lines) - 1), unique=True).map(sorted))
    pick_lines(path, wanted, path.with_name("picked.csv"), 1, ",", facts.line_ends())
    picked = path.with_name("picked.csv").read_bytes().replace(b"\r\n", b"\n")
    assert picked == "".join(f"{number - 1},{lines[number]}\n" for number in wanted).encode()


@pytest.mark.parametrize("has_mark", [False, True])
def test_a_byte_order_mark_moves_no_line(tmp_path: Path, has_mark: bool) -> None:
    text = "甲,乙\n一,二\n三,四\n".encode()
    path = tmp_path / "sent.csv"
    path.write_bytes((codecs.BOM_UTF8 if has_mark else b"") + text)
    facts = looked_at(text, [4])
    facts.suspects()
    pick_lines(path, [1, 2], tmp_path / "picked.csv", 0, ",", facts.line_ends())
    assert (tmp_path / "picked.csv").read_text("utf-8") == "1,一,二\n2,三,四\n"
