"""What Superset 6.1 offers no setting for; applied once to the Flask app. Each patch says why it exists."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

from dashboards import chinese_pack, credentials
from dashboards.published import statement_guard

ROOM = Path(__file__).parent


def install(app: Any, query_seconds: int) -> None:
    """Apply all patches.

    Args:
        app: the Flask application under construction.
        query_seconds: hard limit of one query; the connection is interrupted after it.
    """
    guard_queries(query_seconds)
    key_cache_by_version()
    serve_chinese_pack(app)
    serve_own_templates(app)
    keep_declared_colours(app)
    open_own_dashboard(app)


def guard_queries(seconds: int) -> None:
    """Around every query: refuse closed functions, and interrupt what runs too long.

    DuckDB ignores the SIGALRM that Superset uses, so a timer thread interrupts the connection (2026-11).
    """
    from superset.db_engine_specs.base import BaseEngineSpec
    from superset.db_engine_specs.duckdb import DuckDBEngineSpec
    from superset.exceptions import SupersetDisallowedSQLFunctionException

    def limited(original: Any) -> Any:
        def run(cls: type, cursor: Any, *args: Any, **kwargs: Any) -> Any:
            timer = threading.Timer(seconds, cursor.connection.interrupt)
            timer.daemon = True
            timer.start()
            try:
                return original(cls, cursor, *args, **kwargs)
            finally:
                timer.cancel()

        return run

    def checked(original: Any) -> Any:
        def run(cls: type, cursor: Any, query: str, *args: Any, **kwargs: Any) -> Any:
            closed = statement_guard.closed_functions(query)
            if closed:
                raise SupersetDisallowedSQLFunctionException(closed)
            return original(cls, cursor, query, *args, **kwargs)

        return run

    DuckDBEngineSpec.execute = classmethod(checked(limited(BaseEngineSpec.execute.__func__)))
    DuckDBEngineSpec.fetch_data = classmethod(limited(DuckDBEngineSpec.fetch_data.__func__))


def key_cache_by_version() -> None:
    """Every cached result belongs to one published version; after a switch nothing stale can be read."""
    from superset.connectors.sqla.models import SqlaTable

    original = SqlaTable.get_extra_cache_keys

    def with_version(self: Any, query_obj: Any) -> list[Any]:
        return [*original(self, query_obj), f"version:{credentials.published_version()}"]

    SqlaTable.get_extra_cache_keys = with_version


def serve_chinese_pack(app: Any) -> None:
    """The pack is behind a permission, so the login page stays English; served corrected, to everybody."""
    from flask import Response, request
    from superset.translations.utils import get_language_pack

    body = json.dumps(chinese_pack.correct(get_language_pack("zh")), ensure_ascii=False)

    @app.before_request
    def language_pack() -> Response | None:
        if request.path.rstrip("/") != "/superset/language_pack/zh":
            return None
        return Response(body, mimetype="application/json", headers={"Cache-Control": "public, max-age=3600"})


def serve_own_templates(app: Any) -> None:
    """Our templates come first: `head_custom_extra.html` keeps the telemetry pixel from being requested."""
    import jinja2

    own = jinja2.FileSystemLoader(str(ROOM / "templates"))
    app.jinja_loader = jinja2.ChoiceLoader([own, app.jinja_loader])


def keep_declared_colours(app: Any) -> None:
    """Every browser offers to store the colours it gave to labels; they are declared in `assets/` and stay so.

    A viewer may not write dashboards, so without this the offer ends in an error on the viewer's console.
    """
    from flask import Response, request

    offered = re.compile(r"^/api/v1/dashboard/[0-9]+/colors/?$")

    @app.before_request
    def colours_are_declared() -> Response | None:
        if request.method != "PUT" or not offered.match(request.path):
            return None
        return Response('{"result": {}}', mimetype="application/json")


def open_own_dashboard(app: Any) -> None:
    """After logging in, the dashboard of one's work.

    Superset knows `welcome_dashboard_id`, but its browser part goes by the address and draws its own welcome page there
    all the same (6.1), so the address itself is changed. Who has none assigned sees the overview.
    """
    from flask import Response, redirect, request
    from flask_login import current_user

    @app.before_request
    def own_dashboard() -> Response | None:
        if request.path.rstrip("/") != "/superset/welcome" or not current_user.is_authenticated:
            return None
        from superset import db
        from superset.models.dashboard import Dashboard
        from superset.models.user_attributes import UserAttribute

        own = db.session.query(UserAttribute.welcome_dashboard_id).filter_by(user_id=current_user.id)
        slug = db.session.query(Dashboard.slug).filter(Dashboard.id.in_(own)).scalar()
        return redirect(f"/superset/dashboard/{slug or 'overview'}/")
