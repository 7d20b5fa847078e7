"""`python -m infra.local` runs the sandbox; `python -m infra.local env` prints a running one's environment."""

import argparse
import os
import shlex
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast
from urllib.parse import quote

import requests
import segno

from chalicelib import log
from infra.local.addresses import LOOPBACK, Addresses
from infra.local.aws.storage_faults import FaultsEach
from infra.local.command_line import read_options
from infra.local.feed.terminal_log import TerminalLog, wants_colours
from infra.local.garbage_collection import spare_imported_modules
from infra.local.options import SandboxOptions
from infra.local.processes import Failed
from infra.local.sandbox import Sandbox
from infra.local.seeds.seed import ADMIN_EMAIL, ADMIN_PASSWORD, DEMO_PHONE, FINANCE_EMAIL

CHECK_SECONDS = 1.0
INTERRUPTED = 130
"""The exit status of a process ended by Ctrl-C, here before the sandbox was ready."""


def main(arguments: list[str]) -> int:
    """0 after a clean stop, 1 with one line on standard error when something fails."""
    options = read_options(arguments)
    try:
        return _env(options.host, options.sandbox_port) if options.command == "env" else _run(options)
    except Failed as reason:
        print(f"sandbox: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    # also when a script started it in the background, where Ctrl-C is ignored
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    quiet = bool(arguments.quiet)
    options = SandboxOptions(
        addresses=Addresses(
            arguments.api_port,
            arguments.sandbox_port,
            arguments.host,
            tuple(arguments.app_origin),
            tuple(arguments.return_url),
        ),
        dynamodb=arguments.dynamodb,
        seed=arguments.seed,
        data_dir=arguments.data_dir.resolve() if arguments.data_dir else None,
        quiet=quiet,
        faults_each=FaultsEach(
            arguments.conflict_each, arguments.throttle_each, arguments.unprocessed_each, arguments.short_each
        ),
        dead_connections=bool(arguments.dead_connections),
    )
    sandbox = Sandbox(options)
    log.Output.stream = _log_stream(sandbox)
    sandbox.start()
    spare_imported_modules()
    broken = _serve(sandbox)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    print("stopping", flush=True)
    kept = sandbox.finish()
    sandbox.stop()
    print(kept, flush=True)
    if broken is not None:
        raise Failed(f"{broken} ended by itself")
    return 0


def _log_stream(sandbox: Sandbox) -> TextIO:
    """Lines for people at a terminal, JSON anywhere else, and none with --quiet."""
    if sandbox.options.quiet:
        return open("/dev/null", "w")
    if not sys.stderr.isatty():
        return sys.stderr
    lines: Any = TerminalLog(sys.stderr, sandbox.simulation.clock.now, coloured=wants_colours(os.environ))
    return cast(TextIO, lines)


def _serve(sandbox: Sandbox) -> str | None:
    """Wait for a signal to stop (None), or for a part that ended by itself (its name)."""
    with suppress(KeyboardInterrupt):
        print(f"READY api={sandbox.api_url} sandbox={sandbox.sandbox_url}", flush=True)
        _introduce(sandbox)
        while (broken := sandbox.broken()) is None:
            time.sleep(CHECK_SECONDS)
        return broken
    return None


def _introduce(sandbox: Sandbox) -> None:
    options = sandbox.options
    print(f"the page  {sandbox.sandbox_url}/  (the city, a phone, and everything that happens)")
    if sandbox.resumed_from:
        print(f"goes on   {sandbox.resumed_from}")
    print(f"operator  {ADMIN_EMAIL} / {ADMIN_PASSWORD}  (POST {sandbox.api_url}/api/admin/login)")
    print(f"finance   {FINANCE_EMAIL} / {ADMIN_PASSWORD}  (approves what the first operator requests)")
    if options.seed == "demo":
        phone = quote(DEMO_PHONE, safe="")
        print(f"customer  {DEMO_PHONE}, codes by SMS: {sandbox.sandbox_url}/sms?to={phone}")
        print(f"a token   curl -X POST {sandbox.sandbox_url}/people/{phone}/token")
        urls = f"--api {sandbox.api_url} --sandbox {sandbox.sandbox_url}"
        print(f"one customer's day, step by step:  {Path(sys.executable)} -m infra.local.scenario {urls}")
    if options.addresses.host != LOOPBACK:
        # a phone's camera opens the page
        segno.make(f"{sandbox.sandbox_url}/", error="l").terminal(out=sys.stdout, border=2, compact=True)
    print("Ctrl-C stops everything.", flush=True)


def _env(host: str, sandbox_port: int) -> int:
    url = f"http://{host}:{sandbox_port}/env"
    try:
        response = requests.get(url, timeout=10)
        response.raise_for_status()
        answer = {str(name): str(value) for name, value in response.json().items()}
    except (requests.RequestException, AttributeError) as error:
        raise Failed(f"no sandbox answers at {url}; --sandbox-port and --public-url say where it is") from error
    for name, value in sorted(answer.items()):
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
