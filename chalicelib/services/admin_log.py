"""Records what an operator did, in the transaction that does it."""

from typing import Any

from chalicelib.tables import admin_log
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def record(
    ops: Transaction, world: World, *, admin_id: str, action: str, target: str, changes: dict[str, Any]
) -> None:
    """Stage one entry. `target` is the id of what the operator acted on; `changes` is JSON."""
    admin_log.add_entry(
        ops,
        entry=world.new_id(),
        admin_id=admin_id,
        action=action,
        target=target,
        changes=changes,
        at=world.now(),
    )
