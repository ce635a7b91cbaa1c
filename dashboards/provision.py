"""Bring Superset to what this room declares: `python -m dashboards.provision` (environment .venv-bi).

One process, repeatable: secrets, migrations, roles, users, database, datasets from dbt's manifest, charts and
dashboards, and removal of what is no longer declared. When nothing changed since the last time, it says so in under a
second without loading Superset.

Environment: JGT_HOME (state), JGT_MANIFEST (dbt's manifest.json).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from dashboards import bundle, credentials, datasets, roles
from dashboards.published import manifest
from dashboards.published.duckdb_settings import DUCKDB_SETTINGS
from ingest.base.files import write_text

ROOM = Path(__file__).parent
STARTED = time.monotonic()
PROGRESS = sys.stdout  # Superset prints to stdout too; `apply` sends that to stderr, so that progress stays readable


def say(message: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} 秒] {message}", file=PROGRESS, flush=True)


def use_our_configuration() -> None:
    """Make the next import of Superset read our configuration, and keep its state (sessions, results) private."""
    os.umask(0o077)
    os.environ["SUPERSET_CONFIG_PATH"] = str(ROOM / "superset_config.py")
    os.environ["JGT_HOME"] = str(credentials.home())


def fingerprint(contents: dict[str, Any]) -> str:
    """Of everything that provisioning applies: our code, the contents of the import, Superset's version."""
    digest = hashlib.sha256(version("apache-superset").encode())
    for path in sorted(ROOM.glob("*.py")):
        digest.update(path.read_bytes())
    digest.update(json.dumps(contents, ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()


def provision(force: bool = False) -> bool:
    """Apply all declarations; returns whether anything had to be done.

    Raises:
        bundle.AssetError: if a chart does not fit dbt's tables; nothing has been changed then.
        FileNotFoundError: without a manifest.
    """
    tables = manifest.read_tables(manifest.manifest_path())
    contents = bundle.assemble(tables, f"duckdb:///{credentials.served_file()}", DUCKDB_SETTINGS)
    mark = credentials.superset_home() / "provisioned.json"
    wanted = fingerprint(contents)
    known_users = (credentials.superset_home() / "passwords.txt").exists()
    if not force and known_users and mark.exists() and json.loads(mark.read_text())["fingerprint"] == wanted:
        say("看板配置无变化，跳过")
        return False
    mark.unlink(missing_ok=True)
    credentials.ensure_secrets()
    apply(contents)
    write_text(mark, json.dumps({"fingerprint": wanted}) + "\n", 0o600)
    say("看板配置完成")
    return True


def apply(contents: dict[str, Any]) -> None:
    """Migrate Superset's metadata and make it hold exactly our roles, users and assets."""
    use_our_configuration()
    sys.stdout = sys.stderr
    say("正在加载 Superset（约 10 秒）…")
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        import superset
        from flask_migrate import upgrade
        from superset import db
        from superset import security_manager as manager

        say("正在更新 Superset 元数据库…")
        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        say("正在同步角色与用户…")
        app.appbuilder.add_permissions(update_perms=True)
        manager.sync_role_definitions()
        roles.ensure_roles(manager, db.session)
        created = roles.ensure_users(manager, credentials.ensure_passwords())
        if created:
            say(f"已创建用户：{'、'.join(created)}")
        number = {
            kind: sum(path.startswith(kind) for path in contents) for kind in ("datasets", "charts", "dashboards")
        }
        say(f"正在导入 {number['datasets']} 个数据集、{number['charts']} 个图表、{number['dashboards']} 个看板…")
        import_assets(contents, manager.find_user(username="admin"))
        removed = prune(contents, db.session)
        if removed:
            say(f"已删除不再声明的对象 {removed} 个")
        roles.open_first_pages(manager, db.session)
        own = own_datasets(contents, db.session)
        unknown = roles.grant(manager, db.session, own, own[0].database)
        if unknown:
            raise RuntimeError(f"本版 Superset 没有这些权限：{'、'.join(unknown)}；请更新 dashboards/roles.py")


def import_assets(contents: dict[str, Any], admin: Any) -> None:
    """Import everything in one transaction, as the user admin, who then owns it."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    texts = {
        path: yaml.dump(content, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True)
        for path, content in contents.items()
    }
    texts["metadata.yaml"] = "version: 1.0.0\ntype: assets\ntimestamp: '2026-01-01T00:00:00+00:00'\n"
    with override_user(admin):
        ImportAssetsCommand(texts).run()


def own_datasets(contents: dict[str, Any], session: Any) -> list[Any]:
    """The imported datasets as Superset's objects."""
    from superset.connectors.sqla.models import SqlaTable

    wanted = {content["uuid"] for path, content in contents.items() if path.startswith("datasets/")}
    return [item for item in session.query(SqlaTable).all() if str(item.uuid) in wanted]


def prune(contents: dict[str, Any], session: Any) -> int:
    """Delete what we once provisioned and declare no longer; what users made themselves is left alone.

    Ours are the objects whose uuid was written to `provisioned_uuids.json` by an earlier run.
    """
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    record = credentials.superset_home() / "provisioned_uuids.json"
    before = set(json.loads(record.read_text())) if record.exists() else set()
    now = {content["uuid"] for content in contents.values()}
    removed = 0
    for kind in (Dashboard, Slice, SqlaTable):
        for item in session.query(kind).all():
            if str(item.uuid) in before - now:
                session.delete(item)
                removed += 1
    session.commit()
    write_text(record, json.dumps(sorted(now)) + "\n", 0o600)
    return removed


def main() -> int:
    """Command line; `--force` applies everything even if nothing changed."""
    try:
        provision(force="--force" in sys.argv[1:])
    except (bundle.AssetError, datasets.UnknownDataset, FileNotFoundError, credentials.StateMissing) as problem:
        print(f"看板配置失败：{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
