"""`python -m infra.local.first_rental` starts a sandbox and rents a power bank as a new customer, by HTTP alone.

It prints how long the sandbox took to be READY, and how long the customer took from there. It fails after 30 s.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from infra.local.client import Api, Sandbox
from infra.local.customer import Customer, operator_at
from infra.local.ports import free_port
from infra.local.processes import Failed

ROOT = Path(__file__).parents[2]
MAX_SECONDS = 30.0
PHONE, USERNAME = "+9779862099002", "first_customer"
READY = "READY "


def main() -> int:
    """0 when the first rental took less than 30 s, else 1."""
    argparse.ArgumentParser(prog="python -m infra.local.first_rental", description=__doc__).parse_args()
    begun = time.monotonic()
    command = [sys.executable, "-m", "infra.local", "--quiet"]
    command += ["--api-port", str(free_port()), "--sandbox-port", str(free_port())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as sandbox:  # noqa: S603  our runner
        try:
            addresses = _when_ready(sandbox)
            ready = time.monotonic()
            rental = rent_as_newcomer(addresses["api"], addresses["sandbox"])
            seconds = time.monotonic() - ready
        finally:
            sandbox.terminate()
            sandbox.communicate()  # it says what it stops, and this program listens to the end
    print(f"READY after {ready - begun:.1f} s; {rental['code']} is {rental['status']} {seconds:.1f} s after that")
    return 0 if seconds < MAX_SECONDS else 1


def rent_as_newcomer(api_url: str, sandbox_url: str) -> dict[str, Any]:
    """Sign up, have the papers approved, top up and rent. Returns the active rental."""
    customer = Customer(Api(api_url), Sandbox(sandbox_url), PHONE, USERNAME)
    customer.sign_up()
    customer.complete_kyc(operator_at(api_url))
    customer.top_up("khalti", "100.00")
    return customer.rent()


def _when_ready(sandbox: "subprocess.Popen[str]") -> dict[str, str]:
    """The addresses of the line READY, by name. Raises Failed when the sandbox ends without it."""
    for line in sandbox.stdout or ():
        if line.startswith(READY):
            return dict(part.split("=", 1) for part in line.removeprefix(READY).split())
    raise Failed("the sandbox did not start")


if __name__ == "__main__":
    sys.exit(main())
