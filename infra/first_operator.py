"""Makes the first super admin of a new installation: `python -m infra.first_operator asha asha@example.com`.

It runs with the environment of the functions, and with the rights of an administrator of the AWS account. It prints
the token with which the super admin sets a password, at `POST /api/admin/password`, within 24 hours.
"""

import sys

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.admin import operators
from chalicelib.wiring import world
from chalicelib.world import World

NOT_EMPTY = "This installation has operators. A super admin makes the next one."


def run(at: World, arguments: list[str]) -> tuple[int, str]:
    """The exit status, and the token or what is wrong."""
    if len(arguments) != 2:
        return 2, "usage: python -m infra.first_operator USERNAME EMAIL"
    username, email = arguments
    try:
        return 0, operators.create_first(at, username=username, email=email)
    except operators.OperatorsPresent:
        return 1, NOT_EMPTY
    except Problem as problem:
        return 1, problem.text("en")


if __name__ == "__main__":
    status, text = run(world(), sys.argv[1:])
    sys.stdout.write(f"{text}\n")
    sys.exit(status)
