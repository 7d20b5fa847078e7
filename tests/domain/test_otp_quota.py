"""The quota of an identifier keeps the requests of one day."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.auth.otp import Quota
from chalicelib.domain.configuration.settings import Settings

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_a_quota_forgets_requests_after_a_day() -> None:
    later = NOW + timedelta(days=1)
    quota = Quota("key").with_request(NOW, "c1", "address", Settings()).with_request(later, "c2", "other", Settings())
    assert (quota.requested_at, quota.requested_from) == ((later,), ("other",))
