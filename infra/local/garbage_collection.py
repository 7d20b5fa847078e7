"""How often Python's collector of cycles runs in the sandbox's processes and in the tests."""

import gc

THRESHOLDS = (100_000, 50, 100)
"""Allocations before a young collection, young ones before a middle one, middle ones before a full one."""


def spare_imported_modules() -> None:
    """Leave all objects that exist now out of every collection: imported modules stay until the end.

    A collector that visits them again and again is a tenth of the time.
    """
    gc.set_threshold(*THRESHOLDS)
    gc.collect()
    gc.freeze()
