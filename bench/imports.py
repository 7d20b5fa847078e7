"""Measures the imports of a cold start in fresh processes, with and without compiled files."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
MODULES = ("app", "functions.consumers", "functions.schedules")
TIMED = "import time; began = time.perf_counter(); import {module}; print((time.perf_counter() - began) * 1000)"


@dataclass(frozen=True)
class Import:
    """Median milliseconds of importing a module in a fresh process."""

    module: str
    compiled_ms: float
    uncompiled_ms: float


def measure(rounds: int) -> list[Import]:
    """Import times of each module that a Lambda starts with. A zip without .pyc files has the uncompiled times."""
    return [
        Import(module, _median(module, rounds, compiled=True), _median(module, rounds, compiled=False))
        for module in MODULES
    ]


def _median(module: str, rounds: int, *, compiled: bool) -> float:
    # Python finds no compiled files in a cache folder that does not exist.
    extra = [] if compiled else ["-X", "pycache_prefix=/nonexistent", "-B"]
    command = [sys.executable, *extra, "-c", TIMED.format(module=module)]
    times = [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)  # noqa: S603
        for _ in range(rounds)
    ]
    return median(times)
