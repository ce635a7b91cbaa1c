"""公安局."""

from ingest.synthetic.declaring import Habit, missing, retired_district

HABITS = {"road_accident": Habit("weekly", "slash", "\r\n", every_report=True)}
FAULTS = {"road_accident": (retired_district(), missing("vehicle_kind"))}
