"""水务局."""

from ingest.synthetic.declaring import Habit, too_large, unknown_code

HABITS = {"waterlogging_point": Habit("monthly")}
FAULTS = {"waterlogging_point": (unknown_code("governance", "待立项"), too_large("max_depth_m", "45"))}
