"""The rights of functions that a whole run used, in all of its workers."""

from typing import Any

import pytest

from infra.local.aws.iam import Permission
from tests.engines.function_rights import ACCESS

OPTION = "--every-right"
OUTPUT = "rights"
Right = tuple[str, Permission]
_of_workers: set[Right] = set()


def pass_on(config: pytest.Config) -> None:
    """A worker passes the rights that its tests used on to the run."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output[OUTPUT] = [[function, *permission] for function, permission in ACCESS.used]


def collect(node: Any) -> None:
    """The run takes over the rights of a worker that ended."""
    _of_workers.update(
        (function, (action, resource)) for function, action, resource in node.workeroutput.get(OUTPUT, ())
    )


def used() -> set[Right]:
    """The rights that the tests of this process and of its workers used."""
    return _of_workers | ACCESS.used


def unused(used_rights: set[Right]) -> list[str]:
    """The rights that no test used, as lines of text."""
    left = ACCESS.all_rights() - used_rights
    return sorted(f"{function}: {action} on {resource}" for function, (action, resource) in left)
