"""A notice in every dashboard's header while the last run was not published and the version before it is still served.

The published file cannot say so itself: it never changes. What became of the last run, also of one that was killed, is
asked where `jgt status` asks it. It is drawn as a small picture, since a Handlebars header can show a picture and
nothing else that is not in its query.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from dashboards.look import FONTS
from ingest.base.clock import CITY_ZONE
from ingest.base.home import Home
from ingest.base.last_run import LastRun, last_run

NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
# look: verdict 告警, text on ground
TEXT, GROUND = "#8A5A00", "#FFF6DF"


def notice(run: LastRun | None) -> str:
    """SVG of the notice; an empty picture when the last run was published or is still going, or none ran yet."""
    if run is None or run.outcome in ("published", "running"):
        return NOTHING
    day = datetime.fromisoformat(run.at).astimezone(CITY_ZONE).date()
    what = "的更新中途被终止" if run.outcome == "interrupted" else "的更新未通过检查"
    text = f"！{day} {what}，仍显示上一版"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="316" height="28" role="img">'
        f'<rect width="316" height="28" rx="4" fill="{GROUND}"/>'
        f'<text x="8" y="19" font-size="14" font-family="{FONTS}" fill="{TEXT}">{text}</text></svg>'
    )


def blueprint(pictures: Path) -> Any:
    """`/jgt/…`: our own pictures, and the notice for whoever is logged in."""
    from flask import Blueprint, Response, abort
    from flask_login import current_user

    ours = Blueprint("jgt", __name__, static_folder=str(pictures), static_url_path="/jgt")

    @ours.route("/jgt/last-run.svg")
    def notice_of_last_run() -> Response:
        if not current_user.is_authenticated:
            abort(404)
        drawn = notice(last_run(Home.from_environment()))
        return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})

    return ours
