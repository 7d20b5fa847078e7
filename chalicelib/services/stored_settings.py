"""Reads and writes the runtime settings that differ from their defaults. The audit log has each change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller
from chalicelib.tables import settings
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.settings import CURRENT, StoredSettings
from chalicelib.world import World


def read() -> StoredSettings:
    """The stored settings. The read is strongly consistent. Raises Problem("storage_unavailable")."""
    return fetch_one(settings.settings_key()) or StoredSettings(CURRENT, {})


def save(
    ops: Transaction,
    world: World,
    caller: Caller,
    before: StoredSettings,
    overrides: Mapping[str, Any],
    *,
    logged_as: tuple[str, str],
) -> StoredSettings:
    """Stage the settings `overrides` in place of `before`, unless they are the same. Returns them as they are stored.

    The entry in the audit log names those that differ. None stands for the default. `logged_as` is the action and its
    target.
    """
    earlier = before.overrides
    if overrides == earlier:
        return before
    names = sorted(name for name in earlier.keys() | overrides.keys() if earlier.get(name) != overrides.get(name))
    changes = {
        "before": {name: earlier.get(name) for name in names},
        "after": {name: overrides.get(name) for name in names},
    }
    after = replace(before, overrides=dict(overrides))
    settings.save(ops, after)
    audit_log.record(ops, world, caller.user_id, AdminAction(*logged_as, changes))
    return replace(after, version=before.version + 1)
