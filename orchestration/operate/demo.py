"""`jgt demo`: the demo city from nothing to a published version, reusing what is already there."""

from __future__ import annotations

import json
from collections.abc import Callable

from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.feeds.file_names import SYNTHETIC_MARKER
from orchestration.language import say
from orchestration.publish.publishing import current_version
from orchestration.state.run_folder import data_date


class NotTheDemo(ShownError, RuntimeError):
    """The landing holds something else than the demo asked for; nothing was written."""


def build_demo(home: Home, scale: float, seed: int, emit: Callable[[str], None]) -> bool:
    """Generate the city unless it is there, run the daily job unless a version is published.

    Returns:
        Whether a version is published at the end.

    Raises:
        NotTheDemo: the landing holds real files, or a demo of another scale or seed.
    """
    from orchestration.run.daily import run_daily

    home.ensure()
    marker = home.landing / SYNTHETIC_MARKER
    if marker.exists():
        made = json.loads(marker.read_text("utf-8"))
        if (made["scale"], made["seed"]) != (scale, seed):
            raise NotTheDemo(
                say(
                    f"{home.landing} 里已有演示数据（规模 {made['scale']}、种子 {made['seed']}）。"
                    f"要换规模，请先删除 {home.root}，或另设 JGT_HOME。",
                    f"{home.landing} already holds a demo (scale {made['scale']}, seed {made['seed']}). "
                    f"To change it, delete {home.root} or set another JGT_HOME.",
                )
            )
        emit(say(f"✔ 沿用已有演示数据（截至 {made['as_of']}）", f"✔ reusing the demo data (as of {made['as_of']})"))
    elif home.landing.exists() and any(p.is_file() for p in home.landing.rglob("*")):
        raise NotTheDemo(
            say(
                f"{home.landing} 里是正式文件，不会混入演示数据。请为演示另设 JGT_HOME。",
                f"{home.landing} holds real files; the demo is not mixed in. Set another JGT_HOME for it.",
            )
        )
    else:
        from ingest.synthetic.city import generate

        emit(say(f"▶ 生成演示城市（规模 {scale}）", f"▶ generating the demo city (scale {scale})"))
        made = generate(home.landing, scale, seed, data_date(), progress=lambda line: emit(f"    {line}"))
    if current_version(home) is not None:
        emit(say(f"✔ 沿用已发布版本 {current_version(home)}", f"✔ reusing published version {current_version(home)}"))
        return True
    from datetime import date

    return run_daily(home, date.fromisoformat(str(made["as_of"])), emit=emit, force=True)
