"""Draw the districts once: GeoJSON → the SVG paths in `assets/geo/nanjing.json`, small enough to sit in a template.

`python -m dashboards.draw_districts nanjing_districts.geojson` (features with `name`, id = 6-digit code). Run by hand when
boundaries change; the result is committed.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any

Point = tuple[float, float]

TARGET = Path(__file__).parent / "assets" / "geo" / "nanjing.json"
WIDTH = 600.0
TOLERANCE_DEGREES = 0.0015  # about 150 m: invisible at 600 px, and 726 KB become 30 KB
SMALLEST_PART = 2e-5  # square degrees; smaller islets are left out
# Where each label stands, in the drawing's own pixels (600 wide): the small inner districts are named outside the map,
# with a line to them, so that every name is legible at dashboard size. (x, y, side of the text that stands there)
OUTSIDE_LABELS = {
    "320106": (60, 318, "end"),
    "320105": (60, 600, "end"),
    "320114": (60, 684, "end"),
    "320113": (530, 232, "start"),
    "320102": (580, 410, "start"),
    "320104": (580, 494, "start"),
}
LABEL_SHIFT = {"320115": (30, -8), "320116": (0, 10), "320111": (-14, 0)}
MARGIN = 200.0  # room for the outside labels, left and right


def simplify(points: list[Point], tolerance: float) -> list[Point]:
    """Douglas–Peucker: leave out points nearer than `tolerance` to the line that remains."""
    keep = {0, len(points) - 1}
    open_spans = [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        (x1, y1), (x2, y2) = points[first], points[last]
        length = math.hypot(x2 - x1, y2 - y1)
        farthest, distance = first, 0.0
        for index in range(first + 1, last):
            x, y = points[index]
            away = (
                abs((y2 - y1) * x - (x2 - x1) * y + x2 * y1 - y2 * x1) / length
                if length
                else math.hypot(x - x1, y - y1)
            )
            if away > distance:
                farthest, distance = index, away
        if distance > tolerance:
            keep.add(farthest)
            open_spans += [(first, farthest), (farthest, last)]
    return [points[index] for index in sorted(keep)]


def simplify_ring(ring: list[Point]) -> list[Point]:
    """A closed ring, in two halves, since its first and last point are the same."""
    half = len(ring) // 2
    return simplify(ring[: half + 1], TOLERANCE_DEGREES) + simplify(ring[half:], TOLERANCE_DEGREES)[1:]


def twice_area(ring: list[Point]) -> float:
    """Twice the signed area of a closed ring."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def centre(ring: list[Point]) -> Point:
    """Centroid of a closed ring."""
    area = 3 * twice_area(ring)
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in itertools.pairwise(ring)) / area
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in itertools.pairwise(ring)) / area
    return x, y


def draw(collection: dict[str, Any]) -> dict[str, Any]:
    """All districts as `{viewbox, districts: {code: {name, path, x, y, anchor, leader}}}`; the last four are the label's."""
    outlines: dict[str, tuple[str, list[list[Point]]]] = {}
    for feature in collection["features"]:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        rings = [[(float(x), float(y)) for x, y, *_ in polygon[0]] for polygon in polygons]
        code = str(feature.get("id") or feature["properties"]["id"])
        outlines[code] = (
            feature["properties"]["name"],
            [simplify_ring(ring) for ring in rings if abs(twice_area(ring)) / 2 > SMALLEST_PART],
        )
    points = [point for _, rings in outlines.values() for ring in rings for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    narrowing = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * narrowing)

    def place(point: Point) -> Point:
        return round((point[0] - west) * narrowing * scale, 1), round((north - point[1]) * scale, 1)

    districts = {}
    for code, (name, rings) in sorted(outlines.items()):
        x, y = place(centre(max(rings, key=lambda ring: abs(twice_area(ring)))))
        path = "".join("M" + "L".join(f"{a:g},{b:g}" for a, b in map(place, ring[:-1])) + "Z" for ring in rings)
        dx, dy = LABEL_SHIFT.get(code, (0, 0))
        label_x, label_y, anchor = OUTSIDE_LABELS.get(code, (x + dx, y + dy, "middle"))
        gap = {"end": 8, "start": -8, "middle": 0}[anchor]
        districts[code] = {
            "name": name,
            "path": path,
            "x": f"{label_x:g}",
            "y": f"{label_y:g}",
            "anchor": anchor,
            "leader": f"M{x:g},{y:g}L{label_x + gap:g},{label_y:g}" if anchor != "middle" else "",
        }
    viewbox = f"{-MARGIN:g} -4 {WIDTH + 2 * MARGIN:g} {(north - south) * scale + 8:.0f}"
    return {"viewbox": viewbox, "districts": districts}


def main() -> int:
    """Command line: one GeoJSON file in, `assets/geo/nanjing.json` out."""
    drawn = draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    TARGET.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(drawn['districts'])} 个区，{TARGET.stat().st_size} 字节")
    return 0


if __name__ == "__main__":
    sys.exit(main())
