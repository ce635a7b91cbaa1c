"""How each department sends: a module a department, whose HABITS and FAULTS are gathered here by feed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from ingest.synthetic.declaring import Fault, Habit


def _gathered(what: str) -> dict[str, Any]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return {
        f"{module.__name__.rpartition('.')[2]}.{feed}": declared
        for module in modules
        for feed, declared in getattr(module, what).items()
    }


HABITS: Mapping[str, Habit] = _gathered("HABITS")
FAULTS: Mapping[str, tuple[Fault, ...]] = _gathered("FAULTS")
