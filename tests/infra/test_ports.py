"""Two processes of one machine are never given the same port."""

import socket
import subprocess
import sys

from infra.local.ports import free_port

OFTEN = 10_000
"""How much likelier the first port is drawn than the other one."""
GIVE = f"""
import sys
from infra.local.ports import free_port
first, other = map(int, sys.argv[1:])
print(free_port([first] * {OFTEN} + [other]))
"""


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def given_to_another_process(first: int, other: int) -> int:
    """The first port, unless it is not to be had."""
    command = [sys.executable, "-c", GIVE, str(first), str(other)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603  our own


def test_a_port_that_a_process_was_given_is_given_to_no_other_one_before_anybody_listens() -> None:
    given, other = free_port(), unused_port()
    assert given_to_another_process(given, other) == other


def test_the_port_of_a_process_that_ended_is_given_again() -> None:
    port, other = unused_port(), unused_port()
    assert [given_to_another_process(port, other) for _ in range(2)] == [port, port]


def test_a_port_on_which_somebody_listens_is_not_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening, other = server.getsockname()[1], unused_port()
        assert given_to_another_process(listening, other) == other
