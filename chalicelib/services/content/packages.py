"""What can be rented: read rarely, shown often."""

from datetime import datetime, timedelta

from chalicelib.domain.pricing import Package
from chalicelib.tables import packages as package_rows
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=60)


class PackageCache:
    """The catalogue a warm Lambda holds. Only shown from here: a rental reads its package anew."""

    packages: tuple[datetime, list[Package]] | None = None


def packages(world: World, *, payment_model: str | None) -> list[Package]:
    """Active packages in the order they are shown, of one payment model or of all."""
    now, cached = world.now(), PackageCache.packages
    if cached is None or not timedelta() <= now - cached[0] < CACHE_TTL:
        cached = PackageCache.packages = (now, [package for package in package_rows.packages() if package.active])
    return [package for package in cached[1] if payment_model in (None, package.payment_model.value)]
