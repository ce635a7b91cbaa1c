"""A running Superset as browser tests see it: where it answers, and how a user logs in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-bi" / "bin" / "python"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--lang=zh-CN",
]
# how long a page may take on a machine that has other work; a page that is there is not waited for
PATIENCE_MS = 180_000


@dataclass(frozen=True)
class Served:
    """A running Superset."""

    address: str
    home: Path
    passwords: dict[str, str]


def log_in(browser: Browser, served: Served, user: str) -> BrowserContext:
    """A browser context at 1440 px in which `user` is logged in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{served.address}/login/")
    page.fill("input#username, [data-test='username-input']", user)
    page.fill("input[type=password]", served.passwords[user])
    page.click("button[type=submit], [data-test='login-button']")
    page.wait_for_url(lambda url: "/login" not in url, timeout=PATIENCE_MS)
    page.close()
    return context
