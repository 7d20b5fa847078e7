"""Whether the sandbox's ports can be used, and whether it answers there."""

import errno
from collections.abc import Callable
from typing import Any

import requests

from infra.local.processes import Failed

ANSWER_SECONDS = 30.0
OF_PORT = (errno.EADDRINUSE, errno.EACCES)
"""The errors of a port. Any other is of the address."""


def start_on_port(start: Callable[[], Any], url: str, option: str) -> Any:
    """What `start` returns. Raises Failed if the address `url` can't be used: `option` names another port."""
    try:
        return start()
    except OSError as error:
        words = (
            f"{option} names another port"
            if error.errno in OF_PORT
            else "--public-url names an address of this machine"
        )
        raise Failed(f"{url} can't be used: {error.strerror}; {words}") from error


def must_answer(*urls: str) -> None:
    """Raises Failed for an address without an answer."""
    for url in urls:
        try:
            answer = requests.get(url, timeout=ANSWER_SECONDS)
        except requests.RequestException as error:
            raise Failed(f"{url} does not answer: {type(error).__name__}") from error
        if answer.status_code != requests.codes.ok:
            raise Failed(f"{url} answers {answer.status_code}")
