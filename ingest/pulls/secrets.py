"""Passwords and tokens: from the environment or from a 0600 file under the state folder, and kept out of every text."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from ingest.base.errors import ShownError

FILE_NAME = "secrets.env"
FIELDS = ("USER", "PASSWORD", "TOKEN", "CLIENT_ID", "CLIENT_SECRET")
_HIDDEN = "***"
# a name or an id is in many texts; hiding it would only make messages unreadable
_SECRET_FIELDS = ("PASSWORD", "TOKEN", "CLIENT_SECRET")
_LOGGERS = (
    "urllib3",
    "urllib3.connectionpool",
    "urllib3.util.retry",
    "requests",
    "dlt",
    "sqlalchemy",
    "sqlalchemy.engine",
)


class SecretsUnsafe(ShownError, RuntimeError):
    """The file of secrets may be read by others; the message says what to do."""


@dataclass(frozen=True)
class Secrets:
    """The secrets of one server. Printing it shows none.

    Args:
        prefix: of the variables' names, `JGT_SECRET_<DEPARTMENT>_<SERVER>_`.
    """

    prefix: str
    _values: Mapping[str, str] = field(repr=False)
    _fetched: list[str] = field(default_factory=list, repr=False)

    def get(self, name: str) -> str | None:
        """The value of USER, PASSWORD, TOKEN, CLIENT_ID or CLIENT_SECRET; None if it is not given."""
        return self._values.get(name)

    def hide(self, token: str) -> None:
        """Keep a token that was fetched out of every text as well."""
        self._fetched.append(token)

    def scrub(self, text: str) -> str:
        """A text without any of these secrets, however they are spelled in it."""
        secrets = {self._values[name] for name in _SECRET_FIELDS if self._values.get(name)} | set(self._fetched)
        spellings = {s for secret in secrets for s in _spellings(secret)}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, _HIDDEN)
        return text


def _spellings(secret: str) -> set[str]:
    """How drivers write a secret: as it is, encoded for a URL, or escaped in a quoted text."""
    quoted = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]}
    return quoted | {secret.replace("\\", "\\\\").replace("'", "\\'")} | {q.lower() for q in quoted if "%" in q}


def secrets_for(home: Path, department: str, server: str) -> Secrets:
    """The secrets of one server: the environment's first, then those of `secrets.env` under the state folder.

    Args:
        home: the state folder.
        department: code of the department.
        server: name of the server in the contract.

    Raises:
        SecretsUnsafe: the file may be read by others, or is not ours.
    """
    prefix = f"JGT_SECRET_{department}_{server}_".upper().replace("-", "_")
    given = {**_file_values(home / FILE_NAME), **os.environ}
    return Secrets(prefix, {name: given[prefix + name] for name in FIELDS if given.get(prefix + name)})


def _file_values(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if stat.S_IMODE(state.st_mode) & 0o077 or state.st_uid not in (os.geteuid(), 0):
                raise SecretsUnsafe(
                    f"{path} 的权限是 {stat.S_IMODE(state.st_mode):04o}，其他用户也能读到密钥，未使用。"
                    f"请运行 chmod 600 {path}（属主须为运行 jgt 的用户），并更换可能已泄露的口令。"
                )
            text = file.read().decode("utf-8")
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise SecretsUnsafe(f"{path} 无法读取；属主须为运行 jgt 的用户，权限 600。") from None
    except UnicodeDecodeError:
        raise SecretsUnsafe(f"{path} 不是 UTF-8 文本；请以 UTF-8 另存。") from None
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip().lstrip("\ufeff")
        if not bare or bare.startswith("#"):
            continue
        name, equals, value = bare.partition("=")
        if not equals:
            raise SecretsUnsafe(f"{path} 第 {number} 行不是「名=值」；请改正（内容不在此显示）。")
        value = value.strip()
        is_quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
        values[name.strip()] = value[1:-1] if is_quoted else value
    return values


class _Scrubbing(logging.Filter):
    """Takes secrets out of what the libraries log."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._secrets.scrub(record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


@contextmanager
def scrubbed_logs(secrets: Secrets) -> Iterator[None]:
    """While it lasts, what the libraries log holds none of these secrets."""
    scrubbing = _Scrubbing(secrets)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(scrubbing)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(scrubbing)
