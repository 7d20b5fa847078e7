"""The payment methods and their limits."""

from dataclasses import dataclass

from chalicelib.domain.settings import Settings
from chalicelib.world import World


@dataclass(frozen=True)
class PaymentMethod:
    """A way to pay in, and its limits."""

    name: str
    title: str
    min_paisa: int
    max_paisa: int


def methods(world: World) -> list[PaymentMethod]:
    """The ways to pay in, those that work here."""
    settings: Settings = world.settings()
    supported = (
        PaymentMethod("khalti", "Khalti", settings.khalti_min_paisa, settings.khalti_max_paisa),
        PaymentMethod("esewa", "eSewa", settings.esewa_min_paisa, settings.esewa_max_paisa),
        PaymentMethod("stripe", "Stripe", settings.stripe_min_paisa, settings.stripe_max_paisa),
    )
    return [method for method in supported if method.name in world.gateways]
