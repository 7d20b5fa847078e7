"""`python -m bench.audit_memory`: the memory of a whole audit at 1,000 and at 20,000 accounts, on dynoxide."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import operations
from tests.services.audit.audit_memory import add_accounts, peak_of_audit

COUNTS = (1_000, 20_000)


@dataclass(frozen=True)
class AuditMemory:
    """The most bytes that an audit of so many accounts holds at one of its calls, and how long it takes."""

    accounts: int
    rows: int
    peak_bytes: int
    seconds: float


def measure(counts: tuple[int, ...] = COUNTS) -> Iterator[AuditMemory]:
    """One audit for each number of accounts, the smallest first, after one that fills the caches of the process."""
    with operations.scenario("dynoxide") as scenario:
        world, added = scenario.world, 0
        peak_of_audit(world)
        for count in sorted(counts):
            add_accounts(added, count)
            added, began = count, time.monotonic()
            rows, peak = peak_of_audit(world)
            yield AuditMemory(count, rows, peak, time.monotonic() - began)


def main() -> None:
    """Prints one line for each number of accounts."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_memory", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=COUNTS)
    for measured in measure(tuple(parser.parse_args().accounts)):
        print(
            f"{measured.accounts:>7,} accounts, {measured.rows:>7,} rows: "
            f"{measured.peak_bytes / 1e6:.2f} MB at most, {measured.seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
