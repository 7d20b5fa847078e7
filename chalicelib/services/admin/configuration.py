"""Super admins read and change the runtime settings. Every process applies a change within a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.configuration.setting_bounds import must_be_settable
from chalicelib.domain.configuration.settings import ADMIN_NETWORKS, Settings
from chalicelib.domain.operators.network_address import is_in_networks, parse_network
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import ValidationMessage, validation_message
from chalicelib.services import stored_settings
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import settings
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import Key
from chalicelib.tables.settings import CURRENT, StoredSettings
from chalicelib.world import World

MAX_NETWORKS = 50


@dataclass(frozen=True)
class Changes:
    """What an operator changes. A setting with None has its default again; `networks` None keeps the networks."""

    settings: Mapping[str, int | None]
    networks: Sequence[str] | None
    version: int
    """Of the settings that the operator has read."""


def settings_keys() -> tuple[Key[StoredSettings]]:
    """The rows that `current` needs besides the caller."""
    return (settings.settings_key(),)


def current(caller: Caller) -> StoredSettings:
    """The settings that differ from their defaults, as the request of the caller read them."""
    return caller.rows[settings.settings_key()] or StoredSettings(CURRENT, {})


def change(world: World, caller: Caller, changes: Changes, address: str) -> StoredSettings:
    """Change settings. `address` is the caller's network address, which stays allowed.

    Raises Problem: invalid_input, changed_meanwhile.
    """
    networks = _checked(changes.networks, address)

    def decide(ops: Transaction) -> StoredSettings:
        fresh_caller(world, caller, ops)
        before = stored_settings.read()
        if before.version != changes.version:
            raise Problem("changed_meanwhile")
        merged = {**before.overrides, **changes.settings}
        if networks is not None:
            merged[ADMIN_NETWORKS] = networks or None
        overrides = {name: value for name, value in merged.items() if value is not None}
        must_be_settable(_to_check(changes.settings), Settings().changed(before.overrides).by_name())
        return stored_settings.save(ops, world, caller, before, overrides, logged_as=("config_changed", CURRENT))

    return atomic(world, decide)


def _to_check(requested: Mapping[str, int | None]) -> Mapping[str, Any]:
    """The requested values. A setting that is taken back has its default."""
    defaults = Settings().by_name()
    return {name: defaults.get(name) if value is None else value for name, value in requested.items()}


def _checked(networks: Sequence[str] | None, address: str) -> list[str] | None:
    """The networks in their shortest spelling. Raises Problem("invalid_input")."""
    if networks is None:
        return None
    parsed = [parse_network(text) for text in networks]
    known = [network for network in parsed if network is not None]
    if len(known) < len(parsed):
        raise _refusal(validation_message("network_format"))
    if known and not is_in_networks(address, known):
        raise _refusal(validation_message("network_without_you"))
    return sorted(set(known))


def _refusal(message: ValidationMessage) -> Problem:
    return Problem("invalid_input", errors={ADMIN_NETWORKS: [message]})
