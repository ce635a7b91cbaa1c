"""Encodings: what is declared wins, what is not is detected on the whole file, and nothing is decoded by guess."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.readers.encoding import UndecodableFile, codec_name, decode, decodes, detect

REGISTER = "主体编号,名称,住所\n1,南京市江宁区百家湖机械有限公司,秣陵街道胜利路88号\n2,个体工商户张三,高淳区古柏街道\n"
CASES = "編號,事業單位,災害類型\n1,美力營造股份有限公司,墜落、滾落\n2,漢翔航空工業股份有限公司,爆炸\n"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=300), st.integers(1, 17))
@example("江" * 9 + "A", 1)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16-le"])
def test_every_text_survives_its_encoding_whatever_the_block(encoding: str, text: str, block: int) -> None:
    assert "".join(decode(io.BytesIO(text.encode(encoding)), encoding, block)) == text


@pytest.mark.parametrize("declared", ["gbk", "GB2312", "cp936", "gb18030"])
def test_gbk_and_gb2312_are_read_as_their_superset(declared: str) -> None:
    assert codec_name(declared) == "gb18030"
    assert "".join(decode(io.BytesIO("㐀䶮𠀀".encode("gb18030")), declared)) == "㐀䶮𠀀"


def test_a_bad_byte_is_named_by_its_offset_in_the_file_not_in_the_block() -> None:
    content = "安全".encode() * 10 + b"\xff" + "生产".encode()
    with pytest.raises(UndecodableFile) as failure:
        list(decode(io.BytesIO(content), "utf-8", block_bytes=7))
    assert failure.value.offset == 60
    assert not failure.value.at_end


def test_a_file_that_stops_inside_a_character_is_cut_not_wrongly_encoded() -> None:
    content = "江宁区".encode("gb18030")[:-1]
    with pytest.raises(UndecodableFile) as failure:
        list(decode(io.BytesIO(content), "gb18030"))
    assert failure.value.at_end
    assert failure.value.offset == 4


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (REGISTER, "utf-8", "utf-8-sig"),
        (REGISTER, "utf-8-sig", "utf-8-sig"),
        (REGISTER, "gb18030", "gb18030"),
        (REGISTER, "utf-16", "utf-16"),
        ("id,name,place\n1,Wang,Jiangning\n", "utf-16-le", "utf-16-le"),
        (CASES, "big5", "big5hkscs"),
        (CASES, "gb18030", "gb18030"),
        ("名称\n南京港\n", "gb18030", "gb18030"),
        (REGISTER, "utf-32", "utf-32"),
        (REGISTER, "utf-16-be", "utf-16-be"),
        ("编号,名称\n1,甲\n", "utf-16-le", "utf-16-le"),
        ("编号\t名称\n甲\t乙\n", "utf-16-be", "utf-16-be"),
        ("说明\n" + "安全生产检查情况" * 300, "utf-16-le", "utf-16-le"),
        ("說明\n" + "違反職業安全衛生法" * 300, "utf-16-be", "utf-16-be"),
        ("说明\n" + "安全生产检查情况" * 300 + "\0", "utf-8", "utf-8-sig"),
        ("說明\n事業單位未使勞工確實使用安全帶\n", "big5", "big5hkscs"),
        ("name,place\n1,2\n", "ascii", "utf-8-sig"),
    ],
)
def test_an_undeclared_encoding_is_found(tmp_path: Path, text: str, encoding: str, found: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    assert detect(path) == found


def test_bytes_that_are_no_text_in_any_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(bytes(range(0x80, 0x100)) * 3)
    with pytest.raises(UndecodableFile):
        detect(path)
    assert decodes(path, "gb18030") is not None
