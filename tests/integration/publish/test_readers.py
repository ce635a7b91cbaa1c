"""Readers query without pause while versions are published and rolled back: none fails, none sees a torn version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from ingest.base.home import Home
from orchestration.publish.publishing import publish, rollback
from tests.support.small_warehouse import AS_OF, build, result, write_manifest

READERS, SWITCHES = 3, 12
READER = """
import json, sys
from pathlib import Path
from ingest.base.home import Home
from orchestration.lookup.connection import connect

home, stop = Home(Path(sys.argv[1])), Path(sys.argv[2])
done = failed = torn = 0
marks, errors = set(), []
while not stop.exists():
    try:
        with connect(home, memory_limit="200MB", threads=1) as connection:
            mark = connection.execute("select distinct mark from accident.agg_accident_month").fetchall()
            fact = connection.execute(
                "select count(*), sum(deaths), min(mark), max(mark) from accident.fct_accident").fetchone()
            month = connection.execute(
                "select sum(accidents), sum(deaths), min(mark), max(mark) from accident.agg_accident_month").fetchone()
            version = connection.execute("select count(*) from quality.rpt_publication").fetchone()
        torn += fact != month or len(mark) != 1 or version != (1,)
        marks.add(fact[2])
    except Exception as error:
        failed += 1
        errors.append(f"{type(error).__name__}: {error}"[:200])
    done += 1
print(json.dumps({"done": done, "failed": failed, "torn": torn, "marks": len(marks), "errors": errors[:3]}))
"""


def test_no_query_fails_or_is_torn_while_versions_change(tmp_path: Path) -> None:
    home, stop = Home(tmp_path / "home"), tmp_path / "stop"
    extra = {"run_id": "r1", "dbt_manifest": str(write_manifest(tmp_path))}
    # every version has its own number of rows, so that a mixture of two cannot add up
    builds = [build(tmp_path / f"build{n}" / "jgt.duckdb", mark=n, rows=5_000 + 1_000 * n) for n in range(5)]
    publish(home, builds[0], AS_OF, [result()], extra)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    command = [sys.executable, "-c", READER, str(home.root), str(stop)]
    readers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    try:
        for number in range(SWITCHES):
            publish(home, builds[1 + number % 4], AS_OF, [result()], extra)
            time.sleep(0.1)
            if number % 3 == 2:
                rollback(home)
                time.sleep(0.1)
    finally:
        stop.touch()
        told = [json.loads(reader.communicate(timeout=180)[0]) for reader in readers]
    assert sum(t["failed"] for t in told) == 0, told
    assert sum(t["torn"] for t in told) == 0, told
    assert sum(t["done"] for t in told) >= 100, told
    assert max(t["marks"] for t in told) >= 3, "the readers did not live through the switches"
