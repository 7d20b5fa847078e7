"""Super admins open and close payment methods, and set their limits. Both are runtime settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.configuration.gateway_registry import GATEWAYS, GatewaySpec
from chalicelib.domain.configuration.setting_bounds import must_be_settable
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import ValidationMessage
from chalicelib.services import stored_settings
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


@dataclass(frozen=True)
class ConfiguredMethod:
    """A payment method as operators see it. Limits are per top-up, in paisa.

    `connected`: we have an account at the gateway. A method that is not offered still credits what was paid.
    """

    name: str
    title: str
    min_paisa: int
    max_paisa: int
    offered: bool
    connected: bool


def listing(world: World) -> list[ConfiguredMethod]:
    """Every payment method of the registry, as the stored settings say now."""
    overrides = stored_settings.read().overrides
    return [_configured(world, spec, overrides) for spec in GATEWAYS.values()]


def change(world: World, caller: Caller, name: str, changes: Mapping[str, int]) -> ConfiguredMethod:
    """Change `min_paisa`, `max_paisa` and `offered` (0 or 1) of a method. Every process applies it within a minute.

    Top-ups that are open go on. Raises Problem: not_found, invalid_input.
    """
    spec = must_exist(GATEWAYS.get(name))
    changed = {f"{name}_{field}": value for field, value in changes.items()}

    def decide(ops: Transaction) -> ConfiguredMethod:
        fresh_caller(world, caller, ops)
        before = stored_settings.read()
        overrides = {**before.overrides, **changed}
        try:
            must_be_settable(changed, Settings().changed(before.overrides).by_name())
        except Problem as problem:
            raise Problem("invalid_input", errors=_by_field(name, problem.errors or {})) from problem
        stored_settings.save(ops, world, caller, before, overrides, logged_as=("payment_method_changed", name))
        return _configured(world, spec, overrides)

    return atomic(world, decide)


def _by_field(name: str, errors: Mapping[str, Sequence[ValidationMessage]]) -> dict[str, Sequence[ValidationMessage]]:
    """The errors of settings by the fields of a request: `khalti_min_paisa` is `min_amount`."""
    return {
        setting.removeprefix(f"{name}_").replace("_paisa", "_amount"): messages
        for setting, messages in errors.items()
    }


def _configured(world: World, spec: GatewaySpec, overrides: Mapping[str, Any]) -> ConfiguredMethod:
    current = Settings().changed(dict(overrides))
    limits = current.limits_of(spec.name)
    return ConfiguredMethod(
        spec.name, spec.title, *limits, offered=current.is_offered(spec.name), connected=spec.name in world.gateways
    )
