"""A feed that tests pull: its contract around whatever server a test has started, and what became of the pulled rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.base.home import Home
from ingest.feeds.loading import load_feed
from ingest.feeds.model import Feed
from ingest.intake.take_in import BatchResult, take_in
from ingest.pulls.pull import PullResult, pull

NOW = datetime(2026, 11, 22, 5, 30)  # in the city
_CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: yjgl.check
name: 抽查记录
version: 1.0.0
status: active
slaProperties: [{property: frequency, value: 1, unit: d}]
schema:
- name: check
  physicalName: 抽查记录_*.csv
  customProperties: [{property: versionColumn, value: updated_at}]
  properties:
  - {name: check_id, businessName: 记录编号, logicalType: string, primaryKey: true, required: true}
  - {name: enterprise_name, businessName: 企业名称, logicalType: string, required: true}
  - {name: checked_on, businessName: 检查日期, logicalType: date, synonyms: [{synonym: jcrq}]}
  - {name: fine, businessName: 罚款金额, logicalType: number}
  - {name: passed, businessName: 是否合格, logicalType: boolean}
  - {name: updated_at, businessName: 更新时间, logicalType: timestamp}
"""


def pulled_feed(folder: Path, *servers: dict[str, Any]) -> Feed:
    """The feed yjgl.check with these servers besides its landing."""
    document = yaml.safe_load(_CONTRACT)
    document["servers"] = [
        {"server": "landing", "type": "local", "path": "landing/yjgl/check/", "format": "csv"},
        *servers,
    ]
    path = folder / "yjgl" / "check.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return load_feed(path)


def properties(**given: Any) -> list[dict[str, Any]]:
    """customProperties of a server."""
    return [{"property": name, "value": value} for name, value in given.items()]


@dataclass(frozen=True)
class Desk:
    """An operator with one feed: pulls it, takes it in, looks at the lake."""

    home: Home
    feed: Feed
    now: datetime = NOW

    def at(self, now: datetime) -> Desk:
        """The same at another moment."""
        return replace(self, now=now)

    def pull(self, **more: Any) -> PullResult:
        """One pull from the feed's only server."""
        [result] = pull(self.home, self.feed, now=self.now, **more)
        return result

    def take_in(self) -> list[BatchResult]:
        """One intake."""
        return take_in(self.home, {self.feed.id: self.feed}, self.now.date(), "run-1")

    def rows(self, columns: str = "check_id") -> list[Any]:
        """What is in the lake, in order of check_id; plain values for one column, tuples for several."""
        files = sorted((self.home.lake / "raw" / "yjgl" / "check").glob("*.parquet"))
        if not files:
            return []
        listed = ", ".join(f"'{f}'" for f in files)
        found = duckdb.sql(f"select {columns} from read_parquet([{listed}]) order by check_id, _batch_seq").fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    def landed(self) -> list[str]:
        """Names in the feed's folder of the landing, hidden ones too."""
        return sorted(p.name for p in (self.home.landing / "yjgl" / "check").iterdir())


def day(number: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, number)
