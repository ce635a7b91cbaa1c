"""A notice in every dashboard's header while the last run was not published and the version before it is still served.

The published file cannot say so itself: it never changes. The publisher leaves `serving/verdict.json`; this draws it as
a small picture, since a Handlebars header can show a picture and nothing else that is not in its query.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from dashboards import credentials
from dashboards.look import FONTS

NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
SHANGHAI = timezone(timedelta(hours=8))  # China has one time zone and no summer time
# look: verdict 告警, text on ground
TEXT, GROUND = "#8A5A00", "#FFF6DF"


def notice(verdict: dict[str, Any] | None) -> str:
    """SVG of the notice; an empty picture when the last run was published, or none ran yet."""
    if verdict is None or verdict.get("outcome") == "published":
        return NOTHING
    day = datetime.fromisoformat(verdict["at"]).astimezone(SHANGHAI).date()
    text = f"！{day} 的更新未通过检查，仍显示上一版"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="316" height="28" role="img">'
        f'<rect width="316" height="28" rx="4" fill="{GROUND}"/>'
        f'<text x="8" y="19" font-size="14" font-family="{FONTS}" fill="{TEXT}">{text}</text></svg>'
    )


def read_verdict(path: Path) -> dict[str, Any] | None:
    """The publisher's verdict on the last run, or None before the first."""
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def blueprint(pictures: Path) -> Any:
    """`/jgt/…`: our own pictures, and the notice for whoever is logged in."""
    from flask import Blueprint, Response, abort
    from flask_login import current_user

    ours = Blueprint("jgt", __name__, static_folder=str(pictures), static_url_path="/jgt")

    @ours.route("/jgt/last-run.svg")
    def last_run() -> Response:
        if not current_user.is_authenticated:
            abort(404)
        drawn = notice(read_verdict(credentials.home() / "serving" / "verdict.json"))
        return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})

    return ours
