"""Steps that follow a commit: a busy DynamoDB does not undo what the commit did, so such a step may be left out."""

from collections.abc import Callable

from chalicelib import log
from chalicelib.domain.problems.problems import Problem

SKIPPED = frozenset({"storage_unavailable", "busy"})


def best_effort(step: Callable[[], object], name: str, **ids: str) -> None:
    """Run the step. When DynamoDB is unavailable, log that the step `name` was left out.

    Only for a step whose absence is harmless: a time-out, a sweep or a repeated message does the same later.
    """
    try:
        step()
    except Problem as problem:
        if problem.code not in SKIPPED:
            raise
        log.fact("step_left_out", about=name, code=problem.code, **ids)
