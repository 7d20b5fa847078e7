"""Whether the sandbox's ports can be used, and whether it answers there."""

from collections.abc import Callable
from typing import Any

import requests

from infra.local.processes import Failed

ANSWER_SECONDS = 30.0


def start_on_port(start: Callable[[], Any], url: str, option: str) -> Any:
    """What `start` returns. Raises Failed if the port of `url` can't be used: `option` names another port."""
    try:
        return start()
    except OSError as error:
        raise Failed(f"{url} can't be used: {error.strerror}; {option} names another port") from error


def must_answer(*urls: str) -> None:
    """Raises Failed for an address without an answer."""
    for url in urls:
        try:
            answer = requests.get(url, timeout=ANSWER_SECONDS)
        except requests.RequestException as error:
            raise Failed(f"{url} does not answer: {type(error).__name__}") from error
        if answer.status_code != requests.codes.ok:
            raise Failed(f"{url} answers {answer.status_code}")
