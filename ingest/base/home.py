"""Where the product keeps its state: every path under `$JGT_HOME`, named once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The state folder. Deleting it returns the machine to a fresh state."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """`$JGT_HOME`, or `./var` of the folder the command runs in. The folder need not exist yet."""
        return cls(Path(os.environ.get("JGT_HOME") or "var").resolve())

    def ensure(self) -> None:
        """Make the state folder, for its owner alone: it holds personal data. One that is there keeps its rights."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)

    @property
    def landing(self) -> Path:
        """What departments sent, as `<department>/<feed>/<file>`; never changed by us."""
        return self.root / "landing"

    @property
    def archive(self) -> Path:
        """Every file ever taken in, unchanged, read-only, named by its sha256."""
        return self.root / "archive"

    @property
    def lake(self) -> Path:
        """Accepted rows as Parquet (`raw/<department>/<feed>/<batch>.parquet`) and the ledger's exports."""
        return self.root / "lake"

    @property
    def ledger(self) -> Path:
        """The ledger: one SQLite file, the single truth of what was received and what became of it."""
        return self.lake / "ledger.sqlite"

    @property
    def quarantine(self) -> Path:
        """Refused rows, whole (`rows/<department>/<feed>/<batch>.parquet`), and refused files (`files/`)."""
        return self.root / "quarantine"

    @property
    def build(self) -> Path:
        """Private build files, one folder a run, which nobody reads but the run that writes them; and dbt's project."""
        return self.root / "build"

    @property
    def dbt_project(self) -> Path:
        """The dbt project as this state folder's contracts make it; made anew where it differs."""
        return self.build / "dbt_project"

    @property
    def serving(self) -> Path:
        """Published versions `<version>/jgt.duckdb` and the `current` link."""
        return self.root / "serving"

    @property
    def current(self) -> Path:
        """The published warehouse that readers open (resolve it to the real path before opening)."""
        return self.serving / "current" / "jgt.duckdb"

    @property
    def exports(self) -> Path:
        """Workbooks and reports made for people."""
        return self.root / "exports"

    @property
    def dagster(self) -> Path:
        """Dagster's own state (DAGSTER_HOME)."""
        return self.root / "dagster"

    @property
    def superset(self) -> Path:
        """Superset's metadata, caches, generated secrets and passwords (0600)."""
        return self.root / "superset"
