"""What form a file is in, told from its first bytes and its structure; its name is not asked."""

from __future__ import annotations

import codecs
import json
import re
import zipfile
import zlib
from pathlib import Path

HEAD_BYTES = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# What departments send by mistake → how to say what it is
FOREIGN = {
    b"Rar!\x1a\x07": "RAR 压缩包",
    b"7z\xbc\xaf\x27\x1c": "7z 压缩包",
    b"%PDF-": "PDF",
    b"BZh": "bzip2 压缩包",
    b"\xfd7zXZ\x00": "xz 压缩包",
    b"\x28\xb5\x2f\xfd": "zstd 压缩包",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
}
SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_MESSAGE = re.compile(rb"\s*(?:from|subject|mime-version|date|x-[a-z-]+):", re.IGNORECASE)
DELIMITED = ("csv", "tsv")


def form_of(path: Path) -> str:
    """Tell a file's form from its content.

    Returns:
        `xlsx` (also xlsm, xlsb), `xls`, `ods`, `zip`, `gz`, `parquet`, `json`, `jsonl`, `xml`, `xml2003` (Excel's own),
        `html`, `encrypted` (a workbook with a password), `foreign` (see `foreign_label`) or `csv`, which is whatever else
        may be text.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _packed(path)
    if head.startswith(_OLE):
        return "encrypted" if _holds(path, _ENCRYPTED_PACKAGE) else "xls"
    if head.startswith((b"\x09\x08", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")) and head[2:4] in (b"\x10\0", b"\x06\0"):
        return "xls"  # a bare BIFF stream, as old reporting tools write
    if head.startswith(b"\x1f\x8b"):
        return "gz"
    if head.startswith(b"PAR1"):
        return "parquet"
    if foreign_label(head):
        return "foreign"
    return _form_of_text(head)


def foreign_label(head: bytes) -> str | None:
    """What a file is that no reader takes, in Chinese; None if its first bytes are not of that kind."""
    if _MESSAGE.match(head) and b"multipart/related" in head[:4096].lower():
        return "单个文件网页（MHT）"
    return next((label for magic, label in FOREIGN.items() if head.startswith(magic)), None)


def family(form: str) -> str:
    """Forms that one reader takes by one name: csv and tsv differ in nothing but their delimiter."""
    return "csv" if form in DELIMITED else form


def _packed(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                return "xlsx" if any(name.startswith("xl/") for name in names) else "zip"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").strip()
                if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
                    return "ods"
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return "zip"
    return "zip"


def _holds(path: Path, needle: bytes) -> bool:
    """Whether a file holds some bytes, looked for block by block."""
    with path.open("rb") as file:
        tail = b""
        while block := file.read(4 << 20):
            if needle in tail + block:
                return True
            tail = block[-len(needle) :]
    return False


def _form_of_text(head: bytes) -> str:
    text = _ascii_sketch(head).lstrip()
    if re.match(r"\[\s*(?:[\[{\"\-0-9\]]|true|false|null)", text) or re.match(r"\{\s*[\"}]", text):
        return "jsonl" if _are_lines(text) else "json"
    if re.match(r"<(?:!doctype\s+html|html|table|head|body|meta)\b", text, re.IGNORECASE):
        return "html"
    if re.match(r"<(?:\?xml|!--|!doctype|!\[CDATA\[|[^\s<>,|;\t!?/][^<>]*>)", text, re.IGNORECASE):
        if re.search(r"<html[\s>]", text[:2000], re.IGNORECASE):
            return "html"
        if SPREADSHEET in text[:4096] and re.search(r"<(?:\w+:)?Workbook\b", text[:4096]):
            return "xml2003"
        has_cells = all(re.search(tag, text, re.IGNORECASE) for tag in (r"<tr[\s>]", r"<t[dh][\s>]"))
        return "html" if has_cells else "xml"
    return "csv"


def _are_lines(text: str) -> bool:
    """Whether the first line is an object by itself and another follows, or nothing that holds a list."""
    first, _, rest = text.partition("\n")
    if not first.startswith("{"):
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    if rest.strip():
        return rest.lstrip().startswith("{")
    return isinstance(value, dict) and not any(isinstance(v, list | dict) for v in value.values())


def _ascii_sketch(head: bytes) -> str:
    """The start of a text with its structure readable whatever the encoding: UTF-16 decoded, all else a byte a character."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if head.startswith(codecs.BOM_UTF8):
        return head[3:].decode("utf-8", "replace")
    if head[1:2] == b"\0" and head[:1] != b"\0":
        return head[: len(head) // 2 * 2].decode("utf-16-le", "replace")
    if head[:1] == b"\0" and head[1:2] != b"\0":
        return head[: len(head) // 2 * 2].decode("utf-16-be", "replace")
    return head.decode("utf-8", "surrogateescape")
