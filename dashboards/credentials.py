"""Where Superset's own state lies under `$JGT_HOME`, and its generated secrets and passwords.

Standard library only: this room imports nothing of ours, and both the configuration and the provisioning read it
before Superset (6 CPU-seconds of import) is loaded.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from ingest.base.files import write_text
from ingest.base.home import Home

# Placeholders that Superset 6.1 ships; an installation that runs with one of them can be entered by anybody.
SHIPPED_PLACEHOLDERS = frozenset(
    {
        "CHANGE_ME_SECRET_KEY",
        "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
        "thisISaSECRET_1234",
        "test-guest-secret-change-me",
        "test-secret-change-me",
    }
)
SECRET_NAMES = ("secret_key", "guest_token_jwt_secret", "async_queries_jwt_secret")
SHORTEST_SECRET = 40
USERS = ("admin", "leader", "analyst", "steward", "clerk")


class StateMissing(RuntimeError):
    """Something under `$JGT_HOME/superset` is absent or unsafe; the message says what to do."""


def home() -> Path:
    """`$JGT_HOME`, or `./var`; absolute."""
    return Home.from_environment().root


def superset_home() -> Path:
    """Superset's metadata, caches, secrets and passwords."""
    return Home.from_environment().superset


def served_file() -> Path:
    """The published warehouse through the `current` link. Resolve it before opening: the link moves."""
    return Home.from_environment().current


def published_version() -> str:
    """Name of the version that `current` points to, or `none` while nothing is published."""
    version = served_file().parent
    return version.resolve().name if version.exists() else "none"


def ensure_secrets() -> None:
    """Generate the signing secrets once; what is there is kept, since new ones end every session."""
    path = superset_home() / "secrets.json"
    if not path.exists():
        write_text(path, json.dumps({name: secrets.token_urlsafe(48) for name in SECRET_NAMES}, indent=1) + "\n", 0o600)


def read_secrets() -> dict[str, str]:
    """The signing secrets.

    Raises:
        StateMissing: if the file is absent, incomplete, readable by others, or holds a shipped placeholder.
    """
    path = superset_home() / "secrets.json"
    remedy = f"删除 {path} 后运行 python -m dashboards.provision 重新生成"
    if not path.exists():
        raise StateMissing(f"缺少 Superset 密钥 {path}；请先运行 python -m dashboards.provision")
    if path.stat().st_mode & 0o077:
        raise StateMissing(f"{path} 可被其他用户读取；请执行 chmod 600 {path}")
    found = json.loads(path.read_text(encoding="utf-8"))
    for name in SECRET_NAMES:
        value = found.get(name, "")
        if value in SHIPPED_PLACEHOLDERS or len(value) < SHORTEST_SECRET:
            raise StateMissing(f"{path} 中的 {name} 缺失、过短或为出厂占位值，拒绝启动；请{remedy}")
    return {name: found[name] for name in SECRET_NAMES}


def ensure_passwords() -> dict[str, str]:
    """Passwords of the five users by name: those on file are kept, missing ones are generated."""
    path = superset_home() / "passwords.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    known = dict(line.split("\t", 1) for line in lines if "\t" in line and not line.startswith("#"))
    passwords = {user: known.get(user) or secrets.token_urlsafe(12) for user in USERS}
    if passwords != known:
        body = "".join(f"{user}\t{password}\n" for user, password in passwords.items())
        write_text(path, "# 用户\t初始密码（登录后可在右上角“设置”中修改；本文件仅所有者可读）\n" + body, 0o600)
    return passwords
