"""The payment methods and their limits."""

from dataclasses import dataclass

from chalicelib.domain.settings import Settings
from chalicelib.world import World


@dataclass(frozen=True)
class Method:
    """A way to pay in, and its limits."""

    name: str
    title: str
    least_paisa: int
    most_paisa: int


def methods(world: World) -> list[Method]:
    """The ways to pay in, those that work here."""
    settings: Settings = world.settings()
    known = (
        Method("khalti", "Khalti", settings.khalti_least_paisa, settings.khalti_most_paisa),
        Method("esewa", "eSewa", settings.esewa_least_paisa, settings.esewa_most_paisa),
        Method("stripe", "Stripe", settings.stripe_least_paisa, settings.stripe_most_paisa),
    )
    return [method for method in known if method.name in world.gateways]
