"""Which encoding a text file is in, and strict decoding of it to UTF-8.

A declared encoding wins. Otherwise: byte order mark, NUL bytes (UTF-16), strict UTF-8, then GB18030 against Big5 by the
share of common characters, always judged on the whole file. DuckDB's own `encodings` extension is never used: above
32 MB it corrupted rows without a word (measured 2026-11).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

BLOCK_BYTES = 4 << 20
_WEIGHED_CHARACTERS = 1 << 16  # of a block, where encodings are compared by what they read as
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The 100 characters that fill registers and case files, in both scripts: they settle the short files.
_FILED = frozenset(
    "的一是在不了有和人中大上年日月号號区區市县縣省街道路公司有限责任責事故企业業检查檢查处罰罚法规規定编編号名称稱类類型"
    "地址行政工程安全生产產建设設施作业勞劳动動职職登记記机機关關代码碼数數量时時间間第条條项項款单單位"
)


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""


class UndecodableFile(ValueError):
    """A file that is not what its encoding says.

    Args:
        encoding: the codec that was tried.
        offset: position of the first bad byte, from 0. The bytes themselves stay out: they may spell a person's name.
        at_end: True when the file merely stops inside a character, so that it was cut off.
    """

    def __init__(self, encoding: str, offset: int, at_end: bool) -> None:
        self.encoding = encoding
        self.offset = offset
        self.at_end = at_end
        super().__init__(f"按 {encoding} 解码失败：第 {offset + 1} 字节处")


def codec_name(declared: str) -> str:
    """The codec to read a declared encoding with: GB18030 for its subsets gbk and gb2312, UTF-8 with its mark dropped.

    Source: GB 18030-2022 (superset of GBK and GB 2312).
    """
    name = declared.lower().replace("_", "-")
    if name in ("gbk", "gb2312", "gb-2312", "cp936", "gb18030", "gb-18030"):
        return "gb18030"
    if name in ("utf-8", "utf8", "utf-8-sig"):
        return "utf-8-sig"
    return codecs.lookup(name).name


def decode(source: Readable, encoding: str, block_bytes: int = BLOCK_BYTES) -> Iterator[str]:
    """Decode a department's file strictly, a block at a time.

    Args:
        source: binary stream, positioned at the first byte.
        encoding: a codec name; `gbk` and `gb2312` are read as `gb18030`, their superset.
        block_bytes: bytes held in memory at once.

    Yields:
        Text blocks; their concatenation is the whole file without a byte order mark.

    Raises:
        UndecodableFile: with the byte offset; nothing of the file is then loaded.
    """
    codec = codec_name(encoding)
    decoder = codecs.getincrementaldecoder(codec)("strict")
    seen = 0
    while True:
        block = source.read(block_bytes)
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            offset = seen - len(pending) + error.start
            # a final call fails on what is left over, that is on a character that was cut in two;
            # the codec's own error holds the block and does not go on
            raise UndecodableFile(codec, offset, not block) from None
        if text:
            yield text
        if not block:
            return
        seen += len(block)


def named_encoding(path: Path, named: re.Pattern[bytes], searched: int = 4096) -> str | None:
    """The encoding that a file names for itself at its beginning, if it keeps to it; None if not, or if it names none.

    Args:
        path: the file.
        named: its first group is the encoding's name.
        searched: bytes in which the name may stand.
    """
    with path.open("rb") as file:
        found = named.search(file.read(searched))
    if found is None:
        return None
    try:
        encoding = codec_name(found.group(1).decode("ascii"))
        return encoding if decodes(path, encoding) is None else None
    except (LookupError, UndecodableFile, UnicodeDecodeError):
        return None


def decodes(path: Path, encoding: str) -> UndecodableFile | None:
    """None if the whole file decodes strictly, else the failure."""
    with path.open("rb") as source:
        try:
            for _ in decode(source, encoding):
                pass
        except UndecodableFile as failure:
            return failure
    return None


def is_utf8_after_all(path: Path) -> bool:
    """Whether a file that GB18030 decodes is UTF-8: UTF-8 Chinese is mostly valid GB18030 too, and reads as 鐢插叕鍙."""
    if decodes(path, "utf-8") is not None:
        return False
    return _commonness(path, "utf-8-sig") > _commonness(path, "gb18030")


def detect(path: Path) -> str:
    """The encoding of a file that has none declared.

    Args:
        path: a text file; all of it is judged, since a cut sample misleads.

    Returns:
        `utf-8-sig`, `utf-32`, `utf-16`, `utf-16-le`, `utf-16-be`, `gb18030` or `big5hkscs`.

    Raises:
        UndecodableFile: when none of them decodes the file; the failure is GB18030's.
    """
    with path.open("rb") as source:
        head = source.read(1 << 16)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    has_one_sided_nuls = max(even, odd) > 4 * min(even, odd)
    wide = "utf-16-le" if odd > even else "utf-16-be"
    if has_one_sided_nuls and max(even, odd) > len(head) // 40:
        return wide
    failure = decodes(path, "utf-8")
    is_utf8 = not failure or failure.at_end
    if is_utf8 and not has_one_sided_nuls:
        return "utf-8-sig"
    # long Chinese text holds few NULs in UTF-16, and no other encoding has any: what it reads as decides
    names = (["utf-8-sig"] if is_utf8 else ["gb18030", "big5hkscs"]) + ([wide] if has_one_sided_nuls else [])
    scores = {name: _commonness(path, name) for name in names}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < 0:
        failed = decodes(path, "gb18030")
        assert failed is not None
        raise failed
    return best


def _commonness(path: Path, encoding: str) -> float:
    """Share of common characters among the non-ASCII text, 0 to 2; -1 if the file is not in this encoding."""
    common = _common(encoding)
    hits = total = 0
    with path.open("rb") as source:
        try:
            for text in decode(source, encoding):
                # all of it is decoded, a part of every block is weighed: a Python step a character is dear
                foreign = [c for c in text[:_WEIGHED_CHARACTERS] if c > "\x7f"]
                total += len(foreign)
                hits += sum((c in common) + (c in _FILED) for c in foreign)
        except UndecodableFile as failure:
            if not failure.at_end:
                return -1.0
    return hits / total if total else 0.0


@cache
def _common(encoding: str) -> frozenset[str]:
    """The everyday half of a standard: GB 2312 level 1 (rows 16–55), Big5 level 1 (A4–C6), and full-width punctuation."""
    if encoding.startswith("utf"):
        return _common("gb18030") | _common("big5hkscs")
    if encoding == "big5hkscs":
        pairs = _pairs(range(0xA4, 0xC7), [range(0x40, 0x7F), range(0xA1, 0xFF)])
        codec = "big5"
    else:
        pairs = _pairs(range(0xB0, 0xD8), [range(0xA1, 0xFF)])
        codec = "gb2312"
    decoded = (pair.decode(codec, "ignore") for pair in pairs)
    return frozenset(c for c in decoded if c) | frozenset("，。、；：（）《》“”「」０１２３４５６７８９")


def _pairs(leads: Iterable[int], trails: Iterable[Iterable[int]]) -> Iterator[bytes]:
    trail_bytes = [t for block in trails for t in block]
    return (bytes((lead, trail)) for lead in leads for trail in trail_bytes)
