"""统计局."""

from ingest.synthetic.declaring import Fault, Habit

HABITS = {"district_economy": Habit("release")}
FAULTS: dict[str, tuple[Fault, ...]] = {}
