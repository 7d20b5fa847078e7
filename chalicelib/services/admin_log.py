"""Records what an operator did, in the transaction that does it, with the address and the program of the request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from chalicelib.tables import admin_log
from chalicelib.tables.admin_log import LogEntry
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World

MAX_USER_AGENT = 300


@dataclass(frozen=True)
class Origin:
    """From where a request of an operator came. `route` is its method and the path of its route."""

    route: str
    address: str
    user_agent: str


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


@contextmanager
def request_from(route: str, address: str, user_agent: str) -> Iterator[None]:
    """Entries that are made inside the block have this route, address and program."""
    printable = "".join(character if character.isprintable() else "?" for character in user_agent)
    token = _origin.set(Origin(route, address, printable[:MAX_USER_AGENT]))
    try:
        yield
    finally:
        _origin.reset(token)


def record(
    ops: Transaction, world: World, *, admin_id: str, action: str, target: str, changes: dict[str, Any]
) -> None:
    """Stage one entry. `target` is the id of what the operator acted on.

    `changes` is JSON: `before` and `after` of what changed, None where there was or is nothing, and the reason.
    """
    now, origin = world.now(), _origin.get() or Origin("", "", "")
    made_by = (origin.route, origin.address, origin.user_agent)
    entry = LogEntry(f"{now:%Y}", world.new_id(), admin_id, action, target, changes, now, *made_by)
    admin_log.add_entry(ops, entry)
