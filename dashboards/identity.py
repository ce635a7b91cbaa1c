"""Print the lasting uuid of an asset: `python -m dashboards.identity dataset inspection.fct_hazard@area`."""

from __future__ import annotations

import sys

from dashboards.datasets import identity

KINDS = ("dataset", "chart", "dashboard")


def main() -> int:
    """Command line; exit status 2 if the arguments do not fit."""
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS:
        print(f"用法：python -m dashboards.identity {{{'|'.join(KINDS)}}} 名称", file=sys.stderr)
        return 2
    print(identity(sys.argv[1], sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
