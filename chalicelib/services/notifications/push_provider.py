"""The provider of pushes, as failures of it are counted, and how long the service backs off after one."""

from datetime import timedelta

from chalicelib.world import OutcomeUnknown, Unavailable, World

PUSH_PROVIDER = "fcm"


def backoff_after(world: World, failure: Unavailable | OutcomeUnknown) -> timedelta:
    """The time that the provider asks for, but no less than `push_provider_backoff_seconds`."""
    retry_after = failure.retry_after_seconds if isinstance(failure, Unavailable) else 0
    return timedelta(seconds=max(retry_after, world.settings().push_provider_backoff_seconds))
