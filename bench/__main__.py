"""`make bench`: round trips, calls, request units and CPU time per operation, and what a cold start imports."""

import argparse

from bench import imports, operations


def main() -> None:
    """Prints two tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--dynamodb", default="moto", help="moto or dynoxide")
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    print(f"engine {asked.dynamodb}, medians of {asked.rounds} rounds; units are the engine's own figures")
    print(f"{'operation':30} {'round trips':>11} {'read u.':>8} {'write u.':>8} {'CPU ms':>7} {'wall ms':>8}  calls")
    with operations.town(asked.dynamodb) as town:
        for one in operations.measure(town, asked.rounds):
            print(
                f"{one.name:30} {one.round_trips:>11} {one.read_units:>8.1f} {one.write_units:>8.1f} "
                f"{one.client_ms:>7.2f} {one.wall_ms:>8.2f}  {one.calls}"
            )
    print()
    print(f"{'import in a fresh process':30} {'with .pyc, ms':>14} {'without, ms':>12}")
    for module in imports.measure(max(3, asked.rounds // 4)):
        print(f"{module.module:30} {module.compiled_ms:>14.0f} {module.uncompiled_ms:>12.0f}")


if __name__ == "__main__":
    main()
