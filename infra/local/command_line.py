"""The command line of the sandbox."""

import argparse
from pathlib import Path

from infra.local.addresses import LOOPBACK, host_and_port, origin_of, return_url_of

MAX_PORT = 65_535
COMMANDS = "run starts it, env prints the settings of a running one"
FAULTS_EACH = {
    "conflict": "each N-th write meets a DynamoDB transaction",
    "throttle": "DynamoDB throttles each N-th attempt of a call",
    "unprocessed": "each N-th batch read leaves out a row",
    "short": "each N-th query finds an empty or a short page first, and each N-th batch write leaves out a row",
}


def read_options(arguments: list[str]) -> argparse.Namespace:
    """The options, with `host` and `api_port` of the public URL. Ends the process with a message for invalid ones."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="Runs the sandbox.")
    parser.add_argument("command", nargs="?", choices=("run", "env"), default="run", help=COMMANDS)
    _add_addresses(parser)
    parser.add_argument(
        "--dynamodb", default="moto", metavar="ENGINE", help="moto, dynoxide, or the URL of another engine"
    )
    parser.add_argument("--seed", choices=("demo", "empty"), default="demo", help="what the tables hold at first")
    parser.add_argument(
        "--data-dir", type=directory, metavar="DIR", help="keeps everything between runs, and snapshots"
    )
    parser.add_argument("--quiet", action="store_true", help="no log lines of the service")
    parser.add_argument(
        "--dead-connections", action="store_true", help="companies reset a connection at its second request"
    )
    for name, what in FAULTS_EACH.items():
        parser.add_argument(f"--{name}-each", type=count, default=0, metavar="N", help=what)
    options = parser.parse_args(arguments)
    if options.dynamodb not in ("moto", "dynoxide") and not options.dynamodb.startswith(("http://", "https://")):
        parser.error(f"--dynamodb is moto, dynoxide or a URL, not {options.dynamodb}")
    try:
        options.host, port = host_and_port(options.public_url) if options.public_url else (LOOPBACK, None)
        options.app_origin = [origin_of(text) for text in options.app_origin]
        options.return_url = [return_url_of(text) for text in options.return_url]
    except ValueError as error:
        parser.error(str(error))
    options.api_port = port or options.api_port
    return options


def port(text: str) -> int:
    """A port that can be named in an address."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {MAX_PORT}, not {text}")
    return int(text)


def count(text: str) -> int:
    """0 for never, or a number."""
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"N is a whole number, 0 for never, not {text}")
    return int(text)


def directory(text: str) -> Path:
    """A directory by its name. An empty one would be the working directory."""
    if not text:
        raise argparse.ArgumentTypeError("DIR is empty")
    return Path(text)


def _add_addresses(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--api-port", type=port, metavar="PORT", default=8000, help="where the API listens (8000)")
    parser.add_argument(
        "--sandbox-port", type=port, metavar="PORT", default=8001, help="where the page and the companies are (8001)"
    )
    parser.add_argument(
        "--public-url", metavar="URL", help="http://HOST:PORT of this machine, for phones; every address is given so"
    )
    parser.add_argument(
        "--app-origin",
        action="append",
        metavar="URL",
        default=[],
        help="a web app that may call the API (repeatable)",
    )
    parser.add_argument(
        "--return-url",
        action="append",
        metavar="URL",
        default=[],
        help="where a browser may go back to after paying (repeatable)",
    )
