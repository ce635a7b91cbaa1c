"""Superset's configuration: hardened, Chinese first, no request to any outside host.

Loaded by Superset through SUPERSET_CONFIG_PATH (`dashboards.provision` and `dashboards.serve` set it). It refuses to
load without generated secrets.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from dashboards import credentials, notice, superset_patches
from dashboards.look import CATEGORICAL, CURRENT, FONTS, SEQUENTIAL
from dashboards.published.duckdb_settings import DENIED_FUNCTIONS

_secrets = credentials.read_secrets()
_state = credentials.superset_home()

# --- secrets, metadata, sessions
SECRET_KEY = _secrets["secret_key"]
GUEST_TOKEN_JWT_SECRET = _secrets["guest_token_jwt_secret"]
GLOBAL_ASYNC_QUERIES_JWT_SECRET = _secrets["async_queries_jwt_secret"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_state / 'superset.db'}?check_same_thread=false"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}  # a reader waits for the writer instead of failing
PREVENT_UNSAFE_DB_CONNECTIONS = True
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("JGT_HTTPS") == "1"  # loopback speaks plain HTTP; set it behind a TLS proxy
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
AUTH_ROLE_PUBLIC = "Public"
PUBLIC_ROLE_LIKE = None
AUTH_RATE_LIMITED = True
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
FAB_API_SWAGGER_UI = False
SHOW_STACKTRACE = False
ENABLE_PROXY_FIX = False

# --- language
APP_NAME = "城市安全监管通"
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}

# --- no outside request: strict CSP. 'unsafe-eval' is there for one reason: the district map, the headline cards and
# the data-date header are Handlebars charts, which compile their templates in the browser. Templates come from
# dashboards/assets alone: no role but admin may edit charts of the provisioned dashboards.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": SESSION_COOKIE_SECURE,
}
ENABLE_CORS = False
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
DECKGL_BASE_MAP = [["none", "无底图"]]
BUG_REPORT_URL = None
DOCUMENTATION_URL = None
TROUBLESHOOTING_LINK = ""
SCHEDULED_QUERIES: dict[str, Any] = {}

# Sanitising stays on; these are the SVG parts that the district map draws with.
HTML_SANITIZATION = True
_SVG = ["viewBox", "width", "height", "preserveAspectRatio", "className", "style", "d", "x", "y", "dx", "dy", "role"]
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {
    "tagNames": ["svg", "g", "path", "text", "tspan", "title", "small", "section", "header", "em", "b", "i", "style"],
    "attributes": {
        "*": ["className", "style", "title"],
        "svg": _SVG,
        "g": _SVG,
        "path": _SVG,
        "text": _SVG,
        "tspan": _SVG,
    },
}

# --- queries: what they may do, how long, how much
SQLLAB_TIMEOUT = 30
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_CTAS_NO_LIMIT = False
SQL_MAX_ROW = 100_000
ROW_LIMIT = 10_000
DEFAULT_SQLLAB_LIMIT = 1_000
DISPLAY_MAX_ROW = 10_000
NATIVE_FILTER_DEFAULT_ROW_LIMIT = 1_000
DISALLOWED_SQL_FUNCTIONS = {"duckdb": set(DENIED_FUNCTIONS)}
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": False,
    "EMBEDDED_SUPERSET": False,
    "ALERT_REPORTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,  # no Jinja in charts or SQL Lab
    "ENABLE_JAVASCRIPT_CONTROLS": False,
    "ALLOW_ADHOC_SUBQUERY": False,
    "DASHBOARD_VIRTUALIZATION": False,  # a leader scrolls and prints; nothing is drawn late
    "DRILL_BY": True,
    "DRILL_TO_DETAIL": True,
    "HORIZONTAL_FILTER_BAR": True,
}


def DB_CONNECTION_MUTATOR(uri: Any, params: dict[str, Any], _user: Any, _manager: Any, _source: Any) -> Any:
    """Open the real file behind `current`: inside one process DuckDB reuses an open instance by its path."""
    if uri.drivername.startswith("duckdb") and uri.database:
        uri = uri.set(database=os.path.realpath(uri.database))
    return uri, params


# --- caches: results live until the next published version, which is part of their key (superset_patches)
def _files(name: str, seconds: int) -> dict[str, Any]:
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(_state / "cache" / name),
        "CACHE_DEFAULT_TIMEOUT": seconds,
        "CACHE_THRESHOLD": 5000,
        "CACHE_KEY_PREFIX": f"jgt_{name}_",
    }


DATA_CACHE_CONFIG = _files("data", 86_400)
CACHE_CONFIG = _files("metadata", 300)
FILTER_STATE_CACHE_CONFIG = _files("filter_state", 7 * 86_400)
EXPLORE_FORM_DATA_CACHE_CONFIG = _files("explore", 86_400)

# --- numbers and dates
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
D3_TIME_FORMAT = {
    "dateTime": "%Y年%-m月%-d日 %H:%M:%S",
    "date": "%Y年%-m月%-d日",
    "time": "%H:%M:%S",
    "periods": ["上午", "下午"],
    "days": ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    "shortDays": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    "months": [f"{n}月" for n in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")],
    "shortMonths": [f"{n}月" for n in range(1, 13)],
}
CURRENCIES = ["CNY"]

# --- look
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {"id": "jgt", "description": "", "label": "监管通", "isDefault": True, "colors": list(CATEGORICAL)}
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "jgt_sequence",
        "description": "",
        "label": "监管通·低到高",
        "isDiverging": False,
        "isDefault": True,
        "colors": list(SEQUENTIAL),
    }
]
_TOKENS = {
    "brandAppName": APP_NAME,
    "brandLogoAlt": APP_NAME,
    "brandLogoUrl": "/jgt/brand.svg",
    "brandLogoHref": "/superset/dashboard/overview/",
    "brandLogoHeight": "28px",
    "brandLogoMargin": "14px 0",
    "brandIconMaxWidth": 220,
    "colorPrimary": CURRENT,
    "colorLink": CURRENT,
    "colorError": "#A3182A",
    "colorWarning": "#8A5A00",
    "colorSuccess": "#146C43",
    "colorInfo": CURRENT,
    "fontFamily": FONTS,
    "fontFamilyCode": "'Noto Sans Mono CJK SC', 'Courier New', monospace",
    "fontUrls": [],
    "fontSizeXS": "8",
    "fontSizeXXL": "28",
    "fontWeightNormal": "400",
    "fontWeightLight": "300",
    "fontWeightStrong": "500",
    "fontWeightBold": "700",
    "transitionTiming": 0.2,
    "colorEditorSelection": "#fff5cf",
    # two buttons 全选/反选 beside every legend say nothing to a reader; nothing moves, so that a print is complete
    "echartsOptionsOverrides": {"legend": {"selector": False}, "animation": False},
}
THEME_DEFAULT = {"token": _TOKENS, "algorithm": "default"}
THEME_DARK = None  # charts, cards and map are drawn for a light ground; no switch that would make them illegible
FAVICONS = [{"href": "/jgt/icon.svg", "type": "image/svg+xml"}]
WELCOME_PAGE_LAST_TAB = "all"
BLUEPRINTS = [notice.blueprint(superset_patches.ROOM / "assets" / "brand")]


def FLASK_APP_MUTATOR(app: Any) -> None:
    """Last word on the Flask app: what no setting offers."""
    superset_patches.install(app, query_seconds=SQLLAB_TIMEOUT)
