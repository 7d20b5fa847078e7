"""Records what an operator did, in the transaction that does it, with the request's address and user agent."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from chalicelib.domain.operations.block_value import set_inside
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.ids import year_of_id
from chalicelib.tables import accounts, audit_log
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.audit_log import LogEntry
from chalicelib.world import World

MAX_USER_AGENT = 300


@dataclass(frozen=True)
class Origin:
    """From where a request of an operator came. `route` is its method and the path of its route."""

    route: str
    address: str
    user_agent: str


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)
_role: ContextVar[Role | None] = ContextVar("role", default=None)


@contextmanager
def request_from(route: str, address: str, user_agent: str) -> Iterator[None]:
    """Entries that are made inside the block have this route, address and user agent."""
    printable = "".join(character if character.isprintable() else "?" for character in user_agent)
    with set_inside(_origin, Origin(route, address, printable[:MAX_USER_AGENT])):
        yield


@contextmanager
def acting_as(role: Role) -> Iterator[None]:
    """Entries inside the block require that the operator still has this role. Outside of one no role is required."""
    with set_inside(_role, role):
        yield


def record(ops: Transaction, world: World, admin_id: str, action: AdminAction) -> None:
    """Stage one entry, on condition that the operator was not disabled or removed, and has the role with which the
    request came. The transaction raises Problem("session_ended").
    """
    now, entry_id, origin = world.now(), world.new_id(), _origin.get() or Origin("", "", "")
    acted = (admin_id, action.name, action.target, action.changes)
    made_by = (origin.route, origin.address, origin.user_agent)
    # Its id alone finds the entry, so the year is the id's: `now` may be of the year before.
    audit_log.add_entry(ops, LogEntry(year_of_id(entry_id), entry_id, *acted, now, *made_by))
    accounts.require_active(ops, admin_id, role=_role.get(), conflict=Problem("session_ended"))
