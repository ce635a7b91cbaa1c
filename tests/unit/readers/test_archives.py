"""Archives: every member of the feed is a part of one delivery, and none can harm or hide anything."""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.base.reasons import RefusedFile
from ingest.feeds.model import Column
from ingest.readers import archives, opening
from ingest.readers.excel import ExcelReader
from ingest.readers.table import TextTable
from tests.support.text_feed import text_feed

FEED = text_feed("编号", "名称")
CSV = "编号,名称\n{0}1,甲\n{0}2,乙\n"


def packed(members: dict[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def read(tmp_path: Path, content: bytes) -> TextTable:
    path = tmp_path / "sent.zip"
    path.write_bytes(content)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with ExcelReader() as excel:
        return opening.read(path, FEED, scratch, excel)


def refusal(tmp_path: Path, content: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as refused:
        read(tmp_path, content)
    return refused.value


def test_every_member_of_the_feed_is_a_part_and_papers_beside_it_are_named(tmp_path: Path) -> None:
    members = {
        "检查_江宁.csv": CSV.format("A").encode("gb18030"),
        "子目录/检查_高淳.csv": CSV.format("B").encode(),
        "说明.txt": "填报说明：每日报送\n".encode(),
        "盖章.pdf": b"%PDF-1.4 ...",
        "__MACOSX/._检查_江宁.csv": b"\0\5\26\7",
        ".DS_Store": b"x",
    }
    table = read(tmp_path, packed(members))  # type: ignore[arg-type]
    assert [(p.sheet, p.rows) for p in table.parts] == [("子目录/检查_高淳.csv", 2), ("检查_江宁.csv", 2)]
    assert {name for name, code, _ in table.changes if code == "MEMBER_SKIPPED"} == {"说明.txt", "盖章.pdf"}


def test_names_packed_on_chinese_windows_are_read_as_gbk(tmp_path: Path) -> None:
    content = packed({"JCGBK.csv": CSV.format("A").encode()}).replace(b"JCGBK.csv", "检查.csv".encode("gbk") + b" ")
    assert [p.sheet for p in read(tmp_path, content).parts] == ["检查.csv "]


def test_a_member_of_the_feed_that_cannot_be_read_refuses_the_delivery(tmp_path: Path) -> None:
    good = CSV.format("A").encode()
    refused = refusal(tmp_path, packed({"检查_1.csv": good, "检查_2.csv": good[:-2]}))
    assert (refused.code, "检查_2.csv" in refused.detail) == ("FILE_TRUNCATED", True)


def test_a_member_that_lost_one_needed_column_is_not_taken_for_another_paper(tmp_path: Path) -> None:
    columns = (*FEED.columns, Column("c", "金额", "string", "VARCHAR", required=True))
    path, scratch = tmp_path / "sent.zip", tmp_path / "scratch"
    scratch.mkdir()
    path.write_bytes(packed({"一.csv": "编号,名称,金额\n1,甲,2\n".encode(), "二.csv": CSV.format("B").encode()}))
    with ExcelReader() as excel, pytest.raises(RefusedFile) as refused:
        opening.read(path, replace(FEED, columns=columns), scratch, excel)
    assert (refused.value.code, "二.csv" in refused.value.detail) == ("HEADER_MISSING", True)


@pytest.mark.parametrize(
    "name", ["../检查_1.csv", "/检查_1.csv", "C:\\检查_1.csv", "a\\..\\..\\检查_1.csv", "\\\\host\\检查_1.csv"]
)
def test_a_path_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, packed({name: CSV.format("A").encode()})).code == "ARCHIVE_UNSAFE"


def test_a_link_in_the_archive_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("检查_1.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(tmp_path, packed({link: b"/etc/hostname"})).code == "ARCHIVE_UNSAFE"


def test_two_members_of_one_name_are_refused_for_nobody_can_tell_which_is_meant(tmp_path: Path) -> None:
    content = packed({"检查_1.csv": b"x", "检查_2.csv": b"y"}).replace("检查_2".encode(), "检查_1".encode())
    assert refusal(tmp_path, content).code == "ARCHIVE_UNSAFE"


def test_a_password_is_refused_with_what_to_do(tmp_path: Path) -> None:
    content = bytearray(packed({"检查_1.csv": CSV.format("A").encode()}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    assert refusal(tmp_path, bytes(content)).code == "FILE_ENCRYPTED"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    refused = refusal(tmp_path, packed({"检查_1.csv": b"0" * (80 << 20)}))
    assert (refused.code, "压缩炸弹" in refused.detail) == ("ARCHIVE_UNSAFE", True)
    assert sum(f.stat().st_size for f in (tmp_path / "scratch").rglob("*") if f.is_file()) < 60 << 20


def test_a_member_that_lies_about_its_size_does_not_get_past_the_budget() -> None:
    budget = archives.Budget(1000)
    budget.take(archives.RATIO_FROM_BYTES)
    with pytest.raises(RefusedFile, match="ARCHIVE_UNSAFE"):
        budget.take(1)


def test_archives_inside_archives_are_opened_once_and_no_deeper(tmp_path: Path) -> None:
    content = packed({"检查_1.csv": CSV.format("A").encode()})
    for level in range(2):
        content = packed({f"层{level}.zip": content})
    assert refusal(tmp_path, content).code == "ARCHIVE_UNSAFE"


def test_more_members_than_any_delivery_has_are_refused(tmp_path: Path) -> None:
    members = {f"检查_{n}.csv": b"" for n in range(archives.MAX_MEMBERS + 1)}
    assert refusal(tmp_path, packed(members)).code == "ARCHIVE_UNSAFE"  # type: ignore[arg-type]


def test_a_flipped_bit_in_a_packed_member_is_seen(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("检查_1.csv", CSV.format("A").encode())
    content = made.getvalue().replace("甲".encode(), "乙".encode(), 1)
    assert refusal(tmp_path, content).code == "FILE_UNREADABLE"
