"""Runs a function at most for its time-out, as Lambda does."""

import ctypes
import json
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parents[3] / ".chalice" / "config.json"
STAGE = "prod"


class TimedOut(Exception):
    """The function ran for its whole time-out. Lambda ended it, and has no result."""


class Ended(BaseException):
    """Raised in a function that goes on after its time-out. No `except Exception` catches it."""


@cache
def timeout_seconds(name: str) -> int:
    """The time-out of a function by its name in the app, from the settings that Chalice deploys."""
    stage = json.loads(CONFIG.read_text())["stages"][STAGE]
    own: dict[str, int] = stage["lambda_functions"].get(name, {})
    return int(own.get("lambda_timeout", stage["lambda_timeout"]))


def run_limited(name: str, seconds: float, run: Callable[[], Any]) -> Any:
    """The result of `run`, which has `seconds` to end. Raises TimedOut, or what `run` raised."""
    outcome: list[tuple[Any, Exception | None]] = []

    def work() -> None:
        try:
            outcome.append((run(), None))
        except Ended:
            return
        except Exception as error:  # noqa: BLE001  raised again in the thread of the caller
            outcome.append((None, error))

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome and thread.is_alive():
        _end(thread)
        raise TimedOut(f"{name}: Task timed out after {seconds:.2f} seconds")
    result, error = outcome[0]
    if error is not None:
        raise error
    return result


def _end(thread: threading.Thread) -> None:
    """Lambda ends the process. A thread ends at its next step: a call that waits for a company returns first."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Ended))
