"""Values that a warm process keeps are dropped all at once, as in a new process."""

from datetime import UTC, datetime, timedelta

from chalicelib.services import warm_cache
from chalicelib.services.warm_cache import WarmCache

NOW, TTL = datetime(2026, 11, 29, tzinfo=UTC), timedelta(minutes=1)


def test_clear_all_drops_the_value_of_each_cache() -> None:
    caches: list[WarmCache[str]] = [WarmCache(), WarmCache()]
    for cache in caches:
        cache.get(NOW, TTL, lambda: "before")
    warm_cache.clear_all()
    assert [cache.get(NOW, TTL, lambda: "after") for cache in caches] == ["after", "after"]
