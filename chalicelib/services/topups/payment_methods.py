"""The payment methods that customers can choose, with their limits."""

from dataclasses import dataclass

from chalicelib.domain.configuration.gateway_registry import GATEWAYS
from chalicelib.domain.configuration.settings import Settings
from chalicelib.world import World


@dataclass(frozen=True)
class PaymentMethod:
    """A payment gateway as customers see it. Limits are per top-up, in paisa."""

    name: str
    title: str
    min_paisa: int
    max_paisa: int


def offered(world: World) -> list[PaymentMethod]:
    """The payment gateways at which we have an account and that are offered, with their limits."""
    settings: Settings = world.settings()
    return [
        PaymentMethod(spec.name, spec.title, *settings.limits_of(spec.name))
        for spec in GATEWAYS.values()
        if spec.name in world.gateways and settings.is_offered(spec.name)
    ]
