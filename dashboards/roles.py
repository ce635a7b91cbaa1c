"""Roles and users as code. Run inside Superset's application context by `dashboards.provision`.

Nobody but `admin` may change what is provisioned; whoever writes SQL sees published marts only, since nothing else is
in the served file. `RLS_IN_SQLLAB` is off, so no district-scoped user may ever get SQL Lab.
"""

from __future__ import annotations

from typing import Any

# View a dashboard and nothing else: the charts' data, filters, permalinks, the menu of dashboards.
VIEW = [
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Dataset"),
    ("can_dashboard", "Superset"),
    ("can_explore_json", "Superset"),
    ("can_language_pack", "Superset"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "SecurityRestApi"),
    ("can_read", "AdvancedDataType"),
    ("can_time_range", "Api"),
    ("can_query", "Api"),
    ("can_query_form_data", "Api"),
    ("can_recent_activity", "Log"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_drill", "Dashboard"),
    ("can_show", "DynamicPlugin"),
    ("can_read", "Theme"),
    ("can_get", "MenuApi"),
    ("can_userinfo", "UserDBModelView"),
    ("resetmypassword", "UserDBModelView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("menu_access", "Dashboards"),
    ("menu_access", "Home"),
]
EXPORT = [("can_csv", "Superset"), ("can_view_query", "Dashboard")]
EXPLORE = [
    ("can_explore", "Superset"),
    ("can_write", "Chart"),
    ("can_slice", "Superset"),
    ("can_read", "ExploreFormDataRestApi"),
    ("can_write", "ExploreFormDataRestApi"),
    ("can_read", "ExplorePermalinkRestApi"),
    ("can_write", "ExplorePermalinkRestApi"),
    ("can_read", "Explore"),
    ("can_read", "Database"),
    ("menu_access", "Charts"),
    ("menu_access", "Datasets"),
]
# role → permissions, whether Superset's own SQL Lab permissions are added, whether the whole database is open
ROLES: dict[str, tuple[list[tuple[str, str]], bool]] = {
    "监管通_领导": (VIEW, False),
    "监管通_考核员": (VIEW + EXPORT, False),
    "监管通_数据管理员": (VIEW + EXPORT + EXPLORE, True),
    "监管通_分析员": (VIEW + EXPORT + EXPLORE, True),
}
USER_ROLES = {
    "admin": ["Admin"],
    "leader": ["监管通_领导"],
    "clerk": ["监管通_考核员"],
    "steward": ["监管通_数据管理员"],
    "analyst": ["监管通_分析员"],
}
# what a user sees after logging in
FIRST_PAGES = {
    "admin": "overview",
    "leader": "overview",
    "clerk": "assessment",
    "steward": "quality",
    "analyst": "overview",
}
USER_TITLES = {"admin": "管理员", "leader": "领导", "clerk": "考核员", "steward": "数据管理员", "analyst": "分析员"}


def ensure_users(manager: Any, passwords: dict[str, str]) -> list[str]:
    """Create missing users with their roles; returns the names of those created. Passwords of others are kept."""
    created = []
    for name, roles in USER_ROLES.items():
        wanted = [manager.find_role(role) for role in roles]
        user = manager.find_user(username=name)
        if user is None:
            address = f"{name}@jgt.invalid"
            if not manager.add_user(name, USER_TITLES[name], "", address, wanted, password=passwords[name]):
                raise RuntimeError(f"用户 {name} 创建失败；请查看上方日志")
            created.append(name)
        elif set(user.roles) != set(wanted):
            user.roles = wanted
            manager.update_user(user)
    return created


def ensure_roles(manager: Any, session: Any) -> None:
    """Create our roles, still without access to data (`grant_data` adds it once datasets are there)."""
    for role in ROLES:
        if manager.find_role(role) is None:
            manager.add_role(role)
    public = manager.find_role("Public")
    public.permissions = [manager.find_permission_view_menu("can_language_pack", "Superset")]
    session.commit()


def grant(manager: Any, session: Any, datasets: list[Any], database: Any) -> list[str]:
    """Give each role exactly what this file says; returns permissions that this Superset does not know."""
    sql_lab = list(manager.find_role("sql_lab").permissions)
    readable = [manager.find_permission_view_menu("datasource_access", dataset.perm) for dataset in datasets]
    whole = manager.find_permission_view_menu("database_access", database.perm)
    unknown = set()
    for name, (wanted, with_sql_lab) in ROLES.items():
        granted = [*readable]
        if with_sql_lab:
            granted += [whole, *sql_lab]
        for permission, view in wanted:
            found = manager.find_permission_view_menu(permission, view)
            if found is None:
                unknown.add(f"{permission} on {view}")
            else:
                granted.append(found)
        manager.find_role(name).permissions = list({item.id: item for item in granted if item is not None}.values())
    session.commit()
    return sorted(unknown)


def open_first_pages(manager: Any, session: Any) -> None:
    """Each user starts on the dashboard of their work instead of Superset's own welcome page."""
    from superset.models.dashboard import Dashboard
    from superset.models.user_attributes import UserAttribute

    for name, slug in FIRST_PAGES.items():
        user = manager.find_user(username=name)
        own = session.query(UserAttribute).filter_by(user_id=user.id).one_or_none() or UserAttribute(user_id=user.id)
        own.welcome_dashboard_id = session.query(Dashboard.id).filter_by(slug=slug).scalar()
        session.add(own)
    session.commit()
