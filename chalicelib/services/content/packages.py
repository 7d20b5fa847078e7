"""Rental packages, cached for lists."""

from datetime import timedelta

from chalicelib.domain.money.pricing import Package
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import packages as package_rows
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=60)
package_cache: WarmCache[list[Package]] = WarmCache()
"""The cached packages. A rental reads its package from the table."""


def packages(world: World, *, payment_model: str | None) -> list[Package]:
    """The active packages in display order, of one payment model or of all."""
    cached = package_cache.get(world.now(), CACHE_TTL, package_rows.packages)
    return [package for package in cached if package.active and payment_model in (None, package.payment_model.value)]
