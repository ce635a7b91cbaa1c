"""ZIP and GZ without a password: members unpacked under guards, to names of ours.

No member's own name ever becomes a path, so that `..`, absolute paths and links lead nowhere; an archive that has any is
refused all the same, since nobody packs a delivery like that.
"""

from __future__ import annotations

import gzip
import re
import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.base.reasons import RefusedFile

MAX_UNPACKED_BYTES = 8 << 30  # the largest feed is 3 GB as CSV (2026-11)
MAX_MEMBERS = 1000
MAX_RATIO = 300  # CSV packs 5 to 60 times (2026-11); a bomb a thousand
RATIO_FROM_BYTES = 50 << 20
_BLOCK = 1 << 20
# what systems and people leave in archives
_FURNITURE = re.compile(r"(^|/)(__MACOSX/|\.[^/]|~\$|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass(frozen=True)
class Member:
    """A file out of an archive: its name there, where it was unpacked."""

    name: str
    path: Path


class Budget:
    """What may still be unpacked of one delivery, archives inside it included.

    Args:
        packed: bytes of the delivery as it came.
    """

    def __init__(self, packed: int) -> None:
        self._packed = max(packed, 1)
        self._unpacked = 0

    def take(self, count: int) -> None:
        """Count bytes unpacked.

        Raises:
            RefusedFile: ARCHIVE_UNSAFE beyond the limits of size or ratio.
        """
        self._unpacked += count
        bomb = self._unpacked > RATIO_FROM_BYTES and self._unpacked > MAX_RATIO * self._packed
        if bomb or self._unpacked > MAX_UNPACKED_BYTES:
            raise RefusedFile(
                "ARCHIVE_UNSAFE", f"解压超过 {self._unpacked >> 20} MB（压缩包 {self._packed} 字节），疑为压缩炸弹"
            )


def unpack_zip(path: Path, folder: Path, budget: Budget) -> list[Member]:
    """Unpack every file of a ZIP archive, in order of name.

    Args:
        path: the archive.
        folder: where to put the members, under names of ours.
        budget: counts what is unpacked.

    Raises:
        RefusedFile: FILE_ENCRYPTED, ARCHIVE_UNSAFE, FILE_UNREADABLE or FILE_EMPTY.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {}
            for info in archive.infolist():
                name = member_name(info)
                _check(info, name)
                if info.is_dir() or _FURNITURE.search(name):
                    continue
                key = unicodedata.normalize("NFC", name)
                if key in entries:
                    raise RefusedFile("ARCHIVE_UNSAFE", f"压缩包里有两个同名文件：{name}")
                entries[key] = (name, info)
            if len(entries) > MAX_MEMBERS:
                raise RefusedFile("ARCHIVE_UNSAFE", f"压缩包里有 {len(entries)} 个文件，超过 {MAX_MEMBERS} 个")
            if not entries:
                raise RefusedFile("FILE_EMPTY", "压缩包里没有文件")
            announced = sum(info.file_size for _, info in entries.values())
            if announced > MAX_UNPACKED_BYTES:
                raise RefusedFile("ARCHIVE_UNSAFE", f"解压后将有 {announced >> 20} MB")
            members = []
            for number, (name, info) in enumerate(sorted(entries.values(), key=lambda entry: entry[0])):
                target = folder / f"member{number}"
                with archive.open(info) as source:
                    _copy(source, target, budget)
                members.append(Member(name, target))
            return members
    except NotImplementedError:
        raise RefusedFile("FILE_UNREADABLE", "压缩方法不受支持（如 Deflate64、AES），请用普通 ZIP 重新打包") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, UnicodeError) as error:
        raise RefusedFile("FILE_UNREADABLE", f"压缩包已损坏（{type(error).__name__}）") from None


def unpack_gz(path: Path, name: str, folder: Path, budget: Budget) -> Member:
    """Unpack a GZ file; `name` is what its content is called.

    Raises:
        RefusedFile: ARCHIVE_UNSAFE, FILE_TRUNCATED or FILE_UNREADABLE.
    """
    target = folder / "member0"
    try:
        with gzip.open(path) as source:
            _copy(source, target, budget)
    except EOFError:
        raise RefusedFile("FILE_TRUNCATED", "GZ 压缩数据不完整") from None
    except (OSError, zlib.error) as error:
        raise RefusedFile("FILE_UNREADABLE", f"GZ 压缩数据已损坏（{type(error).__name__}）") from None
    with target.open("rb") as unpacked:
        unpacked.seek(257)
        if unpacked.read(5) == b"ustar":
            raise RefusedFile("FILE_UNREADABLE", "是 tar 包，请改用 ZIP 打包")
    return Member(name, target)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name as text: without the UTF-8 flag it is in the packer's code page, on Chinese Windows GBK."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _check(info: zipfile.ZipInfo, name: str) -> None:
    if info.flag_bits & 0x1:
        raise RefusedFile("FILE_ENCRYPTED", "压缩包加了密码")
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or re.match(r"^[A-Za-z]:", name) or ".." in parts or "\0" in info.orig_filename:
        raise RefusedFile("ARCHIVE_UNSAFE", "压缩包里有指向包外的路径")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedFile("ARCHIVE_UNSAFE", "压缩包里有链接或设备文件")


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _copy(source: _Readable, target: Path, budget: Budget) -> None:
    with target.open("wb") as out:
        while block := source.read(_BLOCK):
            budget.take(len(block))
            out.write(block)
