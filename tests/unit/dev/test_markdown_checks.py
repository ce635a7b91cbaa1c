"""Links that lead nowhere and overlong lines are found; tables, code and addresses outside are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.dev.markdown_checks import LONGEST_LINE, anchors, faults_of


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "other.md").write_text("# 怎样再加一项\n\n## One more …\n\n## One more …\n", "utf-8")
    return tmp_path / "README.md"


@pytest.mark.parametrize(
    "line",
    [
        "[a](other.md) [b](other.md#怎样再加一项) [c](other.md#one-more-) [d](other.md#one-more--1)",
        "# here\n\n[up](#here)",
        "[outside](https://example.org/none) [mail](mailto:a@example.org)",
        "`[no link](nowhere.md)`",
        "| a | b |\n|---|---|\n| " + "x" * LONGEST_LINE + " | y |",
        "```sh\n" + "x" * (LONGEST_LINE + 1) + "\n```",
        "字" * LONGEST_LINE,
    ],
)
def test_what_is_right_is_let_pass(page: Path, line: str) -> None:
    page.write_text(line + "\n", "utf-8")
    assert faults_of(page, page.parent) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n\n[b](nowhere.md)", "README.md:3: 链接 nowhere.md 指向不存在的文件"),
        ("![picture](nowhere.png)", "README.md:1: 链接 nowhere.png"),
        ("[b](other.md#gone)", "不存在的标题 #gone"),
        ("[b](#gone)", "不存在的标题 #gone"),
        ("| a |\n|---|\n| [b](gone.md) |", "链接 gone.md"),
        ("a\n" + "x" * (LONGEST_LINE + 1), f"README.md:2: 一行 {LONGEST_LINE + 1} 个字符"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(page: Path, text: str, said: str) -> None:
    page.write_text(text + "\n", "utf-8")
    faults = faults_of(page, page.parent)
    assert len(faults) == 1
    assert said in faults[0]


def test_anchors_are_those_of_code_hosts() -> None:
    assert anchors("# `jgt status --json`\n## Add a rule, a reader\n") == {"jgt-status---json", "add-a-rule-a-reader"}
