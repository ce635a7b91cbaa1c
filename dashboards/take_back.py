"""Write what was edited in Superset back into `assets/`: `python -m dashboards.take_back` (environment .venv-bi).

Only charts and dashboards that we declare are read; what nobody touched leaves its file as it is. Volatile ids are
dropped, and a text that still equals a short form's (`file:…`, `${metric}`) becomes that short form again. A chart that
was made in the browser is not ours yet: the guide in README.md says how it becomes so.

Environment: JGT_HOME, JGT_MANIFEST, as for `dashboards.provision`.
"""

from __future__ import annotations

import sys
from typing import Any

import yaml

from dashboards import bundle, datasets, provision
from dashboards.bundle import Asset
from dashboards.published import manifest

CHART_FIELDS = ("slice_name", "description", "viz_type", "params", "dataset_uuid", "cache_timeout")
DASHBOARD_FIELDS = ("dashboard_title", "description", "css", "published", "position", "metadata")
# what Superset adds to a saved chart by itself: ids of this installation, and where it was last looked at
VOLATILE_PARAMS = ("datasource", "slice_id", "dashboards", "url_params", "dashboardId", "chart_id")
# what it derives from charts and colours whenever a dashboard is saved
VOLATILE_METADATA = ("map_label_colors", "chart_configuration", "global_chart_configuration", "shared_label_colors")
EMPTY_UNLESS_SAVED = ("annotation_layers",)


class _Text(yaml.SafeDumper):
    """Multi-line texts stand as blocks, so that a template can be read and compared line by line."""


_Text.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def comparable(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """The fields that a person edits, without what differs from one installation to the next."""
    if kind == "charts":
        kept = {name: content.get(name) for name in CHART_FIELDS}
        params = {**{name: [] for name in EMPTY_UNLESS_SAVED}, **(kept["params"] or {})}
        kept["params"] = {k: v for k, v in params.items() if k not in VOLATILE_PARAMS}
        return kept
    kept = {name: content.get(name) for name in DASHBOARD_FIELDS}
    numbers: dict[int, int] = {}
    position = {}
    for name, part in sorted((kept["position"] or {}).items()):
        if isinstance(part, dict) and part.get("type") == "CHART":
            numbers[part["meta"]["chartId"]] = len(numbers) + 1
            meta = {**part["meta"], "chartId": numbers[part["meta"]["chartId"]]}
            part = {**part, "meta": {key: meta[key] for key in sorted(meta)}}
        position[name] = part
    metadata = {k: v for k, v in (kept["metadata"] or {}).items() if k not in VOLATILE_METADATA}
    metadata["native_filter_configuration"] = [
        _filter(item, numbers) for item in metadata.get("native_filter_configuration", [])
    ]
    return {**kept, "position": position, "metadata": metadata}


def _filter(item: dict[str, Any], numbers: dict[int, int]) -> dict[str, Any]:
    scope = {**item["scope"], "excluded": sorted(numbers.get(old, old) for old in item["scope"]["excluded"])}
    derived = ("chartsInScope", "tabsInScope")
    return {key: value for key, value in {**item, "scope": scope}.items() if key not in derived}


def short_forms(written: Any, rendered: Any) -> dict[str, str]:
    """Rendered text → the short form that it came from, over two nested values of the same shape."""
    pairs = zip(bundle.strings(written), bundle.strings(rendered), strict=True)
    return {full: short for short, full in pairs if short != full}


def merged(kind: str, asset: Asset, rendered: dict[str, Any], edited: dict[str, Any]) -> dict[str, Any] | None:
    """The new content of a file, or None if nobody edited what it declares."""
    before, after = comparable(kind, rendered), comparable(kind, edited)
    if before == after:
        return None
    known = {name: value for name, value in asset.content.items() if name in before}
    restore = short_forms(known, {name: rendered[name] for name in known})
    changed = {name: value for name, value in after.items() if value != before[name]}
    return {**asset.content, **bundle.replace_strings(changed, lambda text: restore.get(text, text))}


def pull() -> list[str]:
    """Bring edits back; returns the files that were written."""
    tables = manifest.read_tables(manifest.manifest_path())
    contents = bundle.assemble(tables, "", {})
    provision.use_our_configuration()
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from superset import db, security_manager
        from superset.commands.chart.export import ExportChartsCommand
        from superset.commands.dashboard.export import ExportDashboardsCommand
        from superset.models.dashboard import Dashboard
        from superset.models.slice import Slice
        from superset.utils.core import override_user

        commands = {"charts": (ExportChartsCommand, Slice), "dashboards": (ExportDashboardsCommand, Dashboard)}
        written = []
        with override_user(security_manager.find_user(username="admin")):
            for kind, (command, model) in commands.items():
                for asset in bundle.load(kind):
                    item = db.session.query(model).filter_by(uuid=asset.content["uuid"]).one_or_none()
                    if item is None:
                        continue
                    files = command([item.id], export_related=False).run()
                    edited = next(yaml.safe_load(body()) for name, body in files if name.startswith(f"{kind}/"))
                    new = merged(kind, asset, contents[f"{kind}/{asset.name}.yaml"], edited)
                    if new is not None:
                        text = yaml.dump(new, Dumper=_Text, allow_unicode=True, sort_keys=False, width=118)
                        asset.path.write_text(text, encoding="utf-8")
                        written.append(str(asset.path))
    return written


def main() -> int:
    """Command line."""
    try:
        written = pull()
    except (bundle.AssetError, datasets.UnknownDataset, FileNotFoundError) as problem:
        print(f"取回失败：{problem}", file=sys.stderr)
        return 1
    print("\n".join(f"已更新 {path}" for path in written) or "看板与文件一致，没有需要取回的改动")
    return 0


if __name__ == "__main__":
    sys.exit(main())
