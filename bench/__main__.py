"""`make bench`: round trips, calls, request units and CPU time per operation, and what a cold start imports."""

import argparse

from bench import cabinet_messages, imports, listings, operations, tls
from bench.scenario import started


def main() -> None:
    """Prints four tables, and how the heartbeats of many cabinets arrive."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--dynamodb", default="moto", help="moto or dynoxide")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    print(f"engine {arguments.dynamodb}, medians of {arguments.rounds} rounds; units are the engine's own figures")
    print(f"{'operation':30} {'round trips':>11} {'read u.':>8} {'write u.':>8} {'CPU ms':>7} {'wall ms':>8}  calls")
    with started(arguments.dynamodb) as scenario:
        for row in operations.measure(scenario, arguments.rounds):
            print(
                f"{row.name:30} {row.round_trips:>11} {row.read_units:>8.1f} {row.write_units:>8.1f} "
                f"{row.client_ms:>7.2f} {row.wall_ms:>8.2f}  {row.calls}"
            )
        print()
        print(f"{'stations, CPU ms of a request':30} {'at 20':>8} {'at 20,000':>10} {'ratio':>6}")
        for pair in listings.measure(scenario, arguments.rounds):
            print(f"{pair.name:30} {pair.few_ms:>8.2f} {pair.many_ms:>10.2f} {pair.ratio:>6.2f}")
    print()
    cost = tls.measure(arguments.rounds)
    print(f"{'an eject over TLS, CPU ms':30} {'context kept':>13} {'context made anew':>18}")
    print(f"{'':30} {cost.kept_context_ms:>13.2f} {cost.new_context_ms:>18.2f}")
    moved = cabinet_messages.measure()
    print()
    print(
        f"{moved.messages:,} heartbeats, which come within {cabinet_messages.HEARTBEAT_SECONDS} s: "
        f"{moved.mns_calls:,} calls of MNS on {moved.connections} connections, {moved.sqs_calls:,} of SQS, "
        f"{moved.seconds:.1f} s ({moved.messages_a_second:.0f} messages a second), "
        f"{moved.cpu_seconds:.1f} s of CPU with the simulated MNS"
    )
    print()
    print(f"{'import in a fresh process':30} {'with .pyc, ms':>14} {'without, ms':>12}")
    for module in imports.measure(max(3, arguments.rounds // 4)):
        print(f"{module.module:30} {module.compiled_ms:>14.0f} {module.uncompiled_ms:>12.0f}")


if __name__ == "__main__":
    main()
