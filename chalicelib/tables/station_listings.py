"""Prepared listings of stations, each in rows of its own, and one short row with the versions of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.listing_encoding import ListingContent
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import put_if, update_if
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT = "current"


@dataclass(frozen=True)
class StoredListing:
    """The listing of a page, or of a part of a page. `tag` changes with the listed stations."""

    name: str
    tag: str
    configured_tag: str
    configured: bytes
    states: bytes
    observed_at: datetime
    """When its stations were read."""

    @classmethod
    def of(cls, name: str, content: ListingContent, observed_at: datetime) -> "StoredListing":
        return cls(name, content.tag, content.configured_tag, content.configured, content.states, observed_at)


@dataclass(frozen=True)
class ListingTags:
    """The tag of every listing by its name, and the pages that have stations."""

    tags: Mapping[str, str] = field(default_factory=dict)
    pages: frozenset[str] = frozenset()


class StationListingRow(Row):
    class Meta:
        table_name = "station_listings"

    name = UnicodeAttribute(hash_key=True)
    tag = UnicodeAttribute()
    configured_tag = UnicodeAttribute()
    configured = BinaryAttribute(legacy_encoding=False)
    states = BinaryAttribute(legacy_encoding=False)
    observed_at = TimeAttribute()


class ListingTagsRow(Row):
    class Meta:
        table_name = "station_listing_tags"

    name = UnicodeAttribute(hash_key=True)
    tags: DocumentAttribute[Mapping[str, str]] = DocumentAttribute(dict[str, str], null=True)
    pages = UnicodeSetAttribute(null=True)
    observed_at = TimeAttribute(null=True)


def listing_key(name: str) -> Key[StoredListing]:
    return Key(StationListingRow, name, None, lambda row: entity(row, StoredListing))


def tags_key() -> Key[ListingTags]:
    return Key(ListingTagsRow, CURRENT, None, lambda row: ListingTags(row.tags or {}, frozenset(row.pages or ())))


def use_page(ops: Transaction, listing_page: str) -> None:
    """Stage that the page has stations."""
    ops.update(ListingTagsRow(CURRENT), [ListingTagsRow.pages.add({listing_page})], None, conflict=None)


def save_listing(listing: StoredListing) -> None:
    """Store the listing, unless a listing of later stations is stored."""
    row = StationListingRow
    put_if(row(**values(listing)), row.name.does_not_exist() | (row.observed_at <= listing.observed_at))


def save_tags(tags: Mapping[str, str], observed_at: datetime) -> None:
    """Store the tags of all listings, unless later ones are stored."""
    row = ListingTagsRow
    later = row.observed_at.does_not_exist() | (row.observed_at <= observed_at)
    update_if(row(CURRENT), [row.tags.set(dict(tags)), row.observed_at.set(observed_at)], later)


def listing_tags() -> ListingTags:
    """The tags and the pages, from one short row."""
    return fetch_one(tags_key()) or ListingTags()
