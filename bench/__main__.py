"""`make bench`: round trips, calls, request units and CPU time per operation, and what a cold start imports."""

import argparse

from bench import imports, operations


def main() -> None:
    """Prints two tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--dynamodb", default="moto", help="moto or dynoxide")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    print(f"engine {arguments.dynamodb}, medians of {arguments.rounds} rounds; units are the engine's own figures")
    print(f"{'operation':30} {'round trips':>11} {'read u.':>8} {'write u.':>8} {'CPU ms':>7} {'wall ms':>8}  calls")
    with operations.scenario(arguments.dynamodb) as scenario:
        for row in operations.measure(scenario, arguments.rounds):
            print(
                f"{row.name:30} {row.round_trips:>11} {row.read_units:>8.1f} {row.write_units:>8.1f} "
                f"{row.client_ms:>7.2f} {row.wall_ms:>8.2f}  {row.calls}"
            )
    print()
    print(f"{'import in a fresh process':30} {'with .pyc, ms':>14} {'without, ms':>12}")
    for module in imports.measure(max(3, arguments.rounds // 4)):
        print(f"{module.module:30} {module.compiled_ms:>14.0f} {module.uncompiled_ms:>12.0f}")


if __name__ == "__main__":
    main()
