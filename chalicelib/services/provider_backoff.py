"""Backs off from a provider of messages when messages to several receivers fail, and refuses codes meanwhile."""

from datetime import datetime, timedelta

from chalicelib.domain.auth.identifier import Channel
from chalicelib.domain.notifications.provider_failures import ProviderFailures
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.best_effort import best_effort
from chalicelib.tables import provider_backoff as backoff_rows
from chalicelib.world import World


def must_be_available(channel: Channel, trouble: ProviderFailures | None, now: datetime) -> None:
    """Raises Problem while the service backs off from the channel's provider: sms_unavailable, email_unavailable."""
    if trouble is None or trouble.backoff_until is None or not trouble.backs_off_at(now):
        return
    wait = max(1, int((trouble.backoff_until - now).total_seconds()))
    if channel is Channel.MAIL:
        raise Problem("email_unavailable", retry_after_seconds=wait)
    raise Problem("sms_unavailable", retry_after_seconds=wait)


def report_failure(world: World, provider: str, receiver: str, *, backoff: timedelta) -> bool:
    """Count a failed message to the receiver. True when the provider is in trouble, and backs off from now on.

    A provider is in trouble when messages to `provider_trouble_receivers` different receivers failed within
    `provider_trouble_seconds`, and none succeeded in between. `receiver` is an id or a digest.
    """
    in_trouble: list[bool] = []

    def count() -> None:
        now, settings = world.now(), world.settings()
        counted_from = now - timedelta(seconds=settings.provider_trouble_seconds)
        trouble = backoff_rows.add_failure(provider, receiver, now, counted_from)
        if len(trouble.receivers) >= settings.provider_trouble_receivers:
            backoff_rows.set_backoff(provider, now + backoff)
            in_trouble.append(True)

    best_effort(count, "provider_backoff")
    return bool(in_trouble)


def report_success(provider: str) -> None:
    """Forget the failures of a provider: it works."""
    best_effort(lambda: backoff_rows.clear_backoff(provider), "provider_backoff")
