"""Backs off from a provider of messages only when the provider itself is in trouble, as several receivers show."""

from datetime import timedelta

from chalicelib.services.best_effort import best_effort
from chalicelib.tables import provider_backoff
from chalicelib.world import World


def report_failure(world: World, provider: str, receiver: str, *, backoff: timedelta) -> bool:
    """Count a failed message to the receiver. True when the provider is in trouble, and backs off from now on.

    A provider is in trouble when messages to `provider_trouble_receivers` different receivers failed within
    `provider_trouble_seconds`, and none succeeded in between. `receiver` is an id or a digest.
    """
    in_trouble: list[bool] = []

    def count() -> None:
        now, settings = world.now(), world.settings()
        counted_from = now - timedelta(seconds=settings.provider_trouble_seconds)
        trouble = provider_backoff.add_failure(provider, receiver, now, counted_from)
        if len(trouble.receivers) >= settings.provider_trouble_receivers:
            provider_backoff.set_backoff(provider, now + backoff)
            in_trouble.append(True)

    best_effort(count, "provider_backoff")
    return bool(in_trouble)


def report_success(provider: str) -> None:
    """Forget the failures of a provider: it works."""
    best_effort(lambda: provider_backoff.clear_backoff(provider), "provider_backoff")
