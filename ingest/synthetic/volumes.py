"""How big the demo city is and how it behaves: every volume, share and rate, declared once.

Figures are chosen to look like Nanjing, not taken from its registers; all of it is 演示数据. Volumes are given at
scale 0.01 (the default) and grow linearly with the scale, but for accidents, which grow with a root of it: a city
thirty times as busy does not have thirty times as many people killed at work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

ENTITIES_AT_FULL_SCALE = 320_000  # enterprises, sole traders and small places of the published city
HISTORY_MONTHS = 36  # whole months before the month of as_of
DEFAULT_SCALE = 0.01
ACCIDENT_EXPONENT = 0.35  # 120 work accidents in three years at scale 0.01, about 600 at 1.0
SERIOUS_EXPONENT = 0.15  # relatively serious accidents: 4 at scale 0.01, 8 at 1.0

ENTITY_KINDS = (("enterprise", 55), ("sole_trader", 35), ("small_place", 10))

# (district, share of entities in per mille, character, share of in-scope enterprises never insured in per cent)
DISTRICTS = (
    ("320102", 66, "core", 5),
    ("320104", 98, "core", 6),
    ("320105", 72, "core", 3),
    ("320106", 104, "core", 5),
    ("320111", 108, "suburb", 5),
    ("320113", 96, "suburb", 4),
    ("320114", 72, "core", 4),
    ("320115", 172, "suburb", 3),
    ("320116", 92, "suburb", 7),
    ("320117", 68, "outer", 6),
    ("320118", 52, "outer", 8),
)

# per district at the first of four years: GDP (亿元), employed (万人), motor vehicles (万辆); then yearly growth
ECONOMY = {
    "320102": (1148.0, 42.6, 18.4),
    "320104": (1366.0, 47.1, 22.9),
    "320105": (1195.0, 30.8, 19.6),
    "320106": (1886.0, 56.3, 27.2),
    "320111": (1720.0, 62.4, 40.8),
    "320113": (1652.0, 51.7, 29.5),
    "320114": (1012.0, 33.9, 21.3),
    "320115": (2810.0, 92.2, 74.6),
    "320116": (1324.0, 49.8, 30.1),
    "320117": (968.0, 27.5, 17.7),
    "320118": (541.0, 21.9, 13.0),
}

# the scope of compulsory insurance as the world sees it; the warehouse has the same list as a seed
SCOPE_PREFIXES = (
    *("04", "06", "07", "08", "09", "10", "11"),
    *("25", "26", "31", "32", "47", "48", "49", "50", "54", "55"),
)
SCOPE_KEY_TYPES = (
    "metal_smelting",
    "hazardous_chemicals",
    "fireworks",
    "major_hazard_source",
    "dust_explosion",
    "ammonia_refrigeration",
    "shipbuilding",
)

RENAMED_SHARE = 0.02  # of the enterprises that bear another name in a later report of the register (更名)
MOVED_SHARE = 0.02  # of enterprises and sole traders that a later report seats elsewhere (迁址)

# first day of the Spring Festival, 2019–2035
SPRING_FESTIVALS = tuple(
    date.fromisoformat(day)
    for day in (
        *("2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29"),
        *("2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11"),
        *("2033-01-31", "2034-02-19", "2035-02-08"),
    )
)


@dataclass(frozen=True)
class Volumes:
    """Numbers of things over the whole history at one scale; events are drawn, so counts come out near these."""

    entities: int
    inspections: int
    fire_inspections: int
    work_accidents: int
    road_accidents: int
    serious_accidents: int
    other_accidents: int
    non_operating_accidents: int
    unreported_accidents: int
    understated_accidents: int
    look_alikes: int
    standardizations: int
    key_listings: int
    claims: int
    services: int
    red_listings: int
    black_listings: int
    expired_listings: int
    listed_agencies: int
    bad_actors: int

    @classmethod
    def at(cls, scale: float) -> Volumes:
        """The volumes of one scale (1.0 = the published city of 320,000 entities)."""
        factor = scale / DEFAULT_SCALE

        def grown(count: float, at_least: int, exponent: float = 1.0) -> int:
            return max(at_least, round(count * factor**exponent))

        return cls(
            entities=max(200, round(ENTITIES_AT_FULL_SCALE * scale)),
            inspections=grown(9_000, 300),
            fire_inspections=grown(5_000, 150),
            work_accidents=grown(120, 30, ACCIDENT_EXPONENT),
            road_accidents=grown(80, 20, ACCIDENT_EXPONENT),
            serious_accidents=grown(4, 3, SERIOUS_EXPONENT),
            other_accidents=grown(10, 10, ACCIDENT_EXPONENT),
            non_operating_accidents=grown(4, 2, ACCIDENT_EXPONENT),
            unreported_accidents=grown(6, 3, ACCIDENT_EXPONENT),
            understated_accidents=grown(4, 3, ACCIDENT_EXPONENT),
            look_alikes=grown(12, 6, ACCIDENT_EXPONENT),
            standardizations=grown(250, 12),
            key_listings=grown(200, 16),
            claims=grown(250, 12),
            services=grown(2_000, 60),
            red_listings=grown(40, 6),
            black_listings=grown(24, 4),
            expired_listings=grown(8, 3),
            listed_agencies=grown(3, 2, 0.5),
            bad_actors=grown(12, 3),
        )


# Rows at scale 1.0 of the feeds whose size is declared row by row, every version sent counted; a world script reads its
# own as getvariable('rows_<department>__<feed>').
ROWS: Mapping[str, int] = {
    "scjg.special_equipment": 250_000,
    "scjg.market_penalty": 60_000,
    "yjgl.risk_source": 580_000,
    "yjgl.self_check": 6_000_000,
    "yjgl.risk_report": 60_000,
    "yjgl.duty_item": 2_000_000,
    "yjgl.sensor_alarm": 3_000_000,
    "yjgl.rescue_team": 1_400,
    "yjgl.emergency_material": 60_000,
    "yjgl.shelter": 900,
    "yjgl.emergency_plan": 90_000,
    "yjgl.expert": 3_000,
    "yjgl.drill": 70_000,
    "xfjy.fire_incident": 45_000,
    "jtys.key_vehicle": 80_000,
    "jtys.hazmat_waybill": 2_400_000,
    "jtys.overload_case": 40_000,
    "jtys.fleet_audit": 24_000,
    "jrjg.disaster_payment": 6_000,
    "gaj.explosive_permit": 6_000,
    "cjw.construction_site": 16_000,
    "cjw.site_inspection": 200_000,
    "sthj.waste_manifest": 900_000,
    "rsj.work_injury": 60_000,
    "qxj.weather_warning": 5_000,
    "qxj.response_order": 500_000,
    "szrx.safety_tip": 400_000,
    "zrzy.geohazard_patrol": 150_000,
    "fcj.selfbuilt_house_assessment": 90_000,
    "swj.waterlogging_point": 900,
    "cgj.gas_pipe_inspection": 80_000,
    "gxj.industrial_enterprise": 24_000,
    "jyj.lab_inspection": 14_000,
    "wjw.occupational_disease": 6_000,
    "nyncj.fishing_vessel": 7_000,
    "wlj.venue_inspection": 40_000,
    "swt.commercial_complex": 1_500,
    "hsj.vessel_case": 7_000,
    "fgw.credit_commitment": 400_000,
    "khb.manual_indicator": 8_000,
    "khb.patrol_issue": 6_000,
    "khb.campaign_task": 4_300,
}
# of the feeds that grow with `Volumes`, together at scale 1.0: 334,635 rows at 0.1 (2026-11), 1,900 more at 0.01 since
# cases, instalments and joint tasks are sent stage by stage, 4,150 more at 0.01 with the shares of co-insured policies,
# 1,390 more at 0.01 with what the credit platform displays and the listed persons
ROWS_OF_GROWING_FEEDS = 4_087_000
FEWEST_ROWS = 40  # of a feed in a tiny city, so that each has something of everything


def rows_at(scale: float) -> dict[str, int]:
    """How many rows each feed of `ROWS` has at a scale, by feed id."""
    return {feed: max(min(FEWEST_ROWS, rows), round(rows * scale)) for feed, rows in ROWS.items()}


# Faults ------------------------------------------------------------------------------------------------------------
# Share of a feed's rows that get the fault; at least one of each in every feed that names it, even in a tiny city.
FAULT_RATES = {
    "bad_uscc": 0.0020,
    "impossible_date": 0.0012,
    "required_missing": 0.0012,
    "unknown_code": 0.0012,
    "kept_unknown": 0.0012,  # the same in a column whose contract keeps it
    "date_order": 0.0010,
    "not_a_number": 0.0006,
    "negative_number": 0.0006,
    "too_large": 0.0006,
    "bad_identity_number": 0.0010,
    "extra_field": 0.0003,
    "lost_leading_zero": 0.1000,  # of the rows whose code begins with a zero
    "full_width": 0.0030,
    "dangling_reference": 0.0004,
    "unit_word": 0.0040,
    "retired_district": 0.0300,  # of the rows of districts that have a predecessor
    "duplicate_in_file": 0.0020,
    "duplicate_across_files": 0.0020,
}
