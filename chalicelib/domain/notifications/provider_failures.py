"""The receivers for whom a provider of messages failed. Failures for one receiver do not prove that the provider
fails."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ProviderFailures:
    """The receivers whose messages failed since the provider last worked."""

    receivers: Set[str] = frozenset()
    backoff_until: datetime | None = None
    """The time until which the service sends nothing through the provider."""

    def backs_off_at(self, now: datetime) -> bool:
        return self.backoff_until is not None and now < self.backoff_until
