"""Prepared listings of stations, each in rows of its own, and one short row with the versions of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.stations.listing_encoding import ConfiguredContent, ListingContent
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import put_if, update_if
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT = "current"


@dataclass(frozen=True)
class StoredListing:
    """The states of the stations of a page, or of a part of a page. `tag` changes with the listed stations."""

    name: str
    tag: str
    states: bytes
    observed_at: datetime
    """When its stations were read."""


@dataclass(frozen=True)
class StoredConfiguration:
    """What operators configured of the stations of a listing. `tag` changes with the content."""

    name: str
    tag: str
    content: ConfiguredContent
    observed_at: datetime
    """When its stations were read."""


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
    states = BinaryAttribute(legacy_encoding=False)
    observed_at = TimeAttribute()


class ConfiguredListingRow(Row):
    class Meta:
        table_name = "configured_listings"

    name = UnicodeAttribute(hash_key=True)
    tag = UnicodeAttribute()
    sns = BinaryAttribute(legacy_encoding=False)
    places = BinaryAttribute(legacy_encoding=False)
    hours = BinaryAttribute(legacy_encoding=False)
    texts = BinaryAttribute(legacy_encoding=False)
    details = BinaryAttribute(legacy_encoding=False)
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


def configured_key(name: str) -> Key[StoredConfiguration]:
    def read(row: Any) -> StoredConfiguration:
        return StoredConfiguration(row.name, row.tag, entity(row, ConfiguredContent), row.observed_at)

    return Key(ConfiguredListingRow, name, None, read)


def tags_key() -> Key[ListingTags]:
    return Key(ListingTagsRow, CURRENT, None, lambda row: ListingTags(row.tags or {}, frozenset(row.pages or ())))


def use_page(ops: Transaction, listing_page: str) -> None:
    """Stage that the page has stations."""
    ops.update(ListingTagsRow(CURRENT), [ListingTagsRow.pages.add({listing_page})], None, conflict=None)


def save_configured(name: str, content: ListingContent, observed_at: datetime) -> None:
    """Store what operators configured, unless it is stored as of later. Its states are stored after it."""
    row = ConfiguredListingRow(
        name, tag=content.configured_tag, observed_at=observed_at, **values(content.configured)
    )
    put_if(row, _is_earlier(row, observed_at))


def save_states(name: str, content: ListingContent, observed_at: datetime) -> None:
    """Store the states, unless states of later are stored."""
    row = StationListingRow(name, tag=content.tag, states=content.states, observed_at=observed_at)
    put_if(row, _is_earlier(row, observed_at))


def save_tags(tags: Mapping[str, str], observed_at: datetime) -> None:
    """Store the tags of all listings, unless later ones are stored."""
    row = ListingTagsRow(CURRENT)
    actions = [ListingTagsRow.tags.set(dict(tags)), ListingTagsRow.observed_at.set(observed_at)]
    update_if(row, actions, _is_earlier(row, observed_at))


def listing_tags() -> ListingTags:
    """The tags and the pages, from one short row."""
    return fetch_one(tags_key()) or ListingTags()


def _is_earlier(row: StationListingRow | ConfiguredListingRow | ListingTagsRow, observed_at: datetime) -> Any:
    """The condition that the stored row is missing, or of stations that were read no later."""
    model = type(row)
    return model.observed_at.does_not_exist() | (model.observed_at <= observed_at)
