"""Releases of the app, and banners."""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.content.app_release import Release
from chalicelib.domain.content.banner import Banner
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT = "current"


class ReleaseRow(Row):
    class Meta:
        table_name = "app_versions"

    platform = UnicodeAttribute(hash_key=True)
    latest_version = UnicodeAttribute()
    minimum_version = UnicodeAttribute()
    download_url = UnicodeAttribute()
    notes = UnicodeAttribute()
    notes_ne = UnicodeAttribute(null=True)


class BannerRow(Row):
    """All banners have the same `partition`, so that one query lists them."""

    class Meta:
        table_name = "banners"

    partition = UnicodeAttribute(hash_key=True, default=CURRENT)
    banner_id = UnicodeAttribute(range_key=True)
    title = UnicodeAttribute()
    title_ne = UnicodeAttribute(null=True)
    description = UnicodeAttribute()
    description_ne = UnicodeAttribute(null=True)
    image_url = UnicodeAttribute()
    redirect_url = UnicodeAttribute(null=True)
    display_order = IntAttribute()
    active = BooleanAttribute()
    starts_at = TimeAttribute(null=True)
    ends_at = TimeAttribute(null=True)
    version = IntAttribute()


def release_key(platform: str) -> Key[Release]:
    return Key(ReleaseRow, platform, None, lambda row: entity(row, Release))


def add_release(ops: Transaction, release: Release) -> None:
    ops.add(ReleaseRow(**values(release)))


def banners() -> list[Banner]:
    """All banners in display order. Raises Problem("storage_unavailable")."""
    with storage():
        unordered = [entity(row, Banner) for row in BannerRow.query(CURRENT, consistent_read=True)]
    return sorted(unordered, key=lambda banner: (banner.display_order, banner.banner_id))


def banner_key(banner_id: str) -> Key[Banner]:
    return Key(BannerRow, CURRENT, banner_id, lambda row: entity(row, Banner))


def save_banner(ops: Transaction, banner: Banner) -> None:
    """Stage the banner. Stale when it has changed since it was read."""
    ops.save(BannerRow(partition=CURRENT, **values(banner)), banner.version)


def delete_banner(ops: Transaction, banner: Banner) -> None:
    ops.remove(BannerRow(partition=CURRENT, banner_id=banner.banner_id), version=banner.version)
