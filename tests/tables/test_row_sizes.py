"""Attributes that hold lists, mappings or bytes: the largest value of each is far below a row's 400 KB."""

import random
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from pynamodb.attributes import (
    BinaryAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    UnicodeSetAttribute,
)

from chalicelib.domain.accounts.cancellable_return import CancellableReturn
from chalicelib.domain.accounts.score import Category
from chalicelib.domain.analytics.day_facts import STATION_COUNTERS
from chalicelib.domain.cabinets.cabinet_protocol.envelope import MAX_FRAME_BYTES
from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import MAX_SLOTS
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.cabinets.slot_faults import SlotFault
from chalicelib.domain.cabinets.slot_reports import MAX_KEPT, ReportKind, SlotReport
from chalicelib.domain.configuration.setting_bounds import BOUNDS
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.notifications.broadcast import MAX_FEED, MAX_MESSAGE, MAX_TITLE, Audience, Broadcast, Channel
from chalicelib.domain.payments.reconciliation import Total
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.domain.rentals.extension import Extension
from chalicelib.domain.rentals.rental_notice import NoticeKind, RentalNotice
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.rentals.superseded_eject import SupersededEject
from chalicelib.domain.rewards.achievement import MAX_ACHIEVEMENTS, Achievement, CriteriaType
from chalicelib.domain.rewards.leaderboard import MAX_BEST
from chalicelib.domain.sessions.active_sessions import SessionRef
from chalicelib.domain.sessions.device import MAX_DEVICES
from chalicelib.domain.stations.issue import MAX_ISSUE_IMAGES, IssueImage
from chalicelib.domain.stations.listing_encoding import MAX_CONTENT_BYTES, ConfiguredContent
from chalicelib.domain.stations.listing_pages import LISTING_PAGES
from chalicelib.domain.stations.station import MAX_AMENITIES, MAX_IMAGES, MAX_TEXT_LENGTH
from chalicelib.domain.text.texts import Text
from chalicelib.domain.users.user import MAX_FAVORITES
from chalicelib.services.auth.otp import WHERE_CHARACTERS
from chalicelib.services.auth.second_factor import RECOVERY_CODES
from chalicelib.tables import day_counters
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.attributes import DocumentAttribute
from chalicelib.tables.compressed_json import compressed
from chalicelib.tables.rentals import MAX_OF_STATION

TROUBLED_RECEIVERS = BOUNDS["provider_trouble_receivers"].maximum
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LONG = "ङ" * MAX_TEXT_LENGTH
SESSION, REPORT = SessionRef("s" * 32, NOW), SlotReport(NOW, ReportKind.SLOT_CHANGE, NOW, 100, changed=True)
BROADCAST = Broadcast(
    "b" * 26,
    *("ङ" * MAX_TITLE,) * 2,
    *("ङ" * MAX_MESSAGE,) * 2,
    Audience.KYC_NOT_APPROVED,
    tuple(Channel),
    "o" * 26,
    NOW,
)
STATION = RentalStation("9" * 20, LONG, "9" * 20, 255)
SUPERSEDED_EJECT = SupersededEject("9" * 20, 100, STATION, NOW, NOW, "f" * 40, "r" * 26)
SCORES = random.Random(1).sample(range(200_000), 20_000)
BEST = [[10**9, "u" * 26]] * MAX_BEST
ACHIEVEMENT = Achievement(
    "a" * 26, Text(LONG, LONG), Text(LONG, LONG), CriteriaType.TIMELY_RETURN_COUNT, 10**6, 10**6
)


@cache
def station_counters() -> bytes:
    """The counters of 20,000 stations. A second of work, which no other test waits for."""
    return day_counters.packed(
        {
            f"{40_000_000 + number}:{name}": SCORES[number * (place + 1) % 20_000] % 100
            for number in range(20_000)
            for place, name in enumerate(STATION_COUNTERS)
        }
    )


LARGEST: dict[str, Any] = {
    "operator_alerts.data": {"station": "ङ" * 500, "slot_number": 255},
    # The five of one row together have at most MAX_CONTENT_BYTES.
    **{f"configured_listings.{field.name}": b"c" * MAX_CONTENT_BYTES for field in fields(ConfiguredContent)},
    # A station of a listing takes seven bytes here, and far more of what operators configured.
    "station_listings.states": b"s" * MAX_CONTENT_BYTES,
    "station_listing_tags.tags": {f"{page}.{part}": "t" * 33 for page in LISTING_PAGES for part in range(20)},
    "station_listing_tags.pages": set(LISTING_PAGES),
    "achievement_lists.achievements": (ACHIEVEMENT,) * MAX_ACHIEVEMENTS,
    "broadcasts.channels": tuple(Channel),
    "broadcast_feeds.broadcasts": (BROADCAST,) * MAX_FEED,
    # Two broadcasts a day for half a year, each marked and deleted by itself.
    "read_marks.read_broadcasts": {f"{number:026d}" for number in range(360)},
    "read_marks.hidden_broadcasts": {f"{number:026d}" for number in range(360)},
    # Of a hundred thousand customers, so many have a score that nobody else has.
    "leaderboards.content": lambda: compressed({"scores": SCORES, "above": SCORES}),
    "shard_rankings.content": lambda: compressed(
        [[SCORES[::16], [[10**9, "u" * 26]] * MAX_BEST, False]] * len(Category)
    ),
    # Nine numbers of each of 20,000 stations, and one shard of four that counted all of them.
    "day_counters.content": station_counters,
    "day_recount_walks.content": station_counters,
    "day_recounts.differences": {f"stations|2026-11-29|{'9' * 20}:completed{n}": (10**9, 10**9) for n in range(50)},
    "counted_facts.facts": dict.fromkeys((f"stations|2026-11-29|{'9' * 20}:completed{n}" for n in range(16)), 10**9),
    "counted_facts.achievement_ids": ("a" * 40,) * 200,
    # Three periods that are not over, and one that a clock ahead of ours began.
    "scores.scores": {f"2026-W{number}": (10**9,) * len(Category) for number in range(4)},
    "stations.amenities": (LONG,) * MAX_AMENITIES,
    "stations.images": (LONG,) * MAX_IMAGES,
    "users.favorite_sns": (LONG,) * MAX_FAVORITES,
    # A frame names a slot by one byte.
    "cabinets.slot_faults": {number: SlotFault("9" * 20, 10**6) for number in range(256)},
    "cabinets.slots": {
        number: Slot(
            number,
            255,
            "9" * 20,
            100,
            -40,
            "9" * 20,
            unlisted=True,
            once_missing=True,
            ghost_listed=True,
            ghost_unlisted=True,
            earlier_list="f" * 8,
        )
        for number in range(256)
    },
    # Each of them had a power bank that came out late. A customer has a few in a lifetime.
    "accounts.reopened_rental_ids": ("r" * 26,) * 1_000,
    # Each of them cost the price of a power bank.
    "accounts.lost_rental_ids": ("r" * 26,) * 1_000,
    # A power bank out and back every ten seconds for an hour.
    "accounts.cancellable_returns": (CancellableReturn(NOW, on_time=False),) * 360,
    "active_sessions.entries": (SESSION,) * MAX_DEVICES,
    "operators.recovery_digests": ("d" * 64,) * RECOVERY_CODES,
    "otp_quotas.challenge_ids": ("c" * 26,) * BOUNDS["otp_all_addresses_day"].maximum,
    "otp_quotas.requested_at": (NOW,) * BOUNDS["otp_all_addresses_day"].maximum,
    "otp_quotas.requested_from": ("a" * WHERE_CHARACTERS,) * BOUNDS["otp_all_addresses_day"].maximum,
    "rental_issues.images": (IssueImage("uploads/" + "u" * 100, "webp"),) * MAX_ISSUE_IMAGES,
    "station_issues.images": (IssueImage("uploads/" + "u" * 100, "webp"),) * MAX_ISSUE_IMAGES,
    "reports.totals": {finding.value: Total(10**9, 10**15, 10**15) for finding in Finding},
    # A provider that failed for `provider_trouble_receivers` gets nothing for a while; only new trouble adds more.
    "provider_backoff.receivers": {f"{number:064}" for number in range(10 * TROUBLED_RECEIVERS)},
    "settings.overrides": dict.fromkeys(Settings.__dataclass_fields__, 10**18),
    "rentals.extensions": (Extension("p" * 64, 10**6, 10**9, NOW),) * BOUNDS["max_extensions"].maximum,
    "rentals.superseded_ejects": (SUPERSEDED_EJECT,) * (2 * BOUNDS["eject_retries_count"].maximum),
    "rentals.notices": (RentalNotice(NoticeKind.OVERDUE, 10, NOW),) * (3 * (1 + BOUNDS["max_extensions"].maximum)),
    "rentals.reports": (REPORT,) * MAX_KEPT,
    "event_log.raw": b"f" * MAX_FRAME_BYTES,
    "event_log.fields": {"slots": {str(number): [255, "9" * 10, 100, 200] for number in range(MAX_SLOTS)}},
    "unreadable_returns.possible_sns": ("4" * 10,) * (2 * MAX_OF_STATION),
}
BOUNDED_BY_TYPE = {
    "cabinets.outage",
    "powerbanks.other_place",
    "powerbanks.reappearance",
    "powerbanks.suspicion",
    "rentals.earned_points",
    "rentals.package",
    "rentals.return_station",
    "rentals.station",
    "rentals.swap",
    "rentals.terms",
}
"""One dataclass without a list in it."""
BOUNDED_BY_OUR_CODE = {
    # The code names every key. The texts of people in them are those of request models, of at most 10,000 characters.
    "audit_log.changes",
    "notifications.data",
    "outbox.body",
    # `domain/money/ledger_entries.py` makes every posting.
    "postings.legs",
}


def attributes() -> dict[str, Any]:
    """All attributes that can grow, by table and name."""
    growing = (BinaryAttribute, DocumentAttribute, JSONAttribute, ListAttribute, MapAttribute, UnicodeSetAttribute)
    return {
        f"{getattr(model.Meta, 'noun', model.Meta.table_name)}.{name}": attribute
        for model in ROW_TYPES
        for name, attribute in model.get_attributes().items()
        if isinstance(attribute, growing)
    }


def test_every_attribute_that_can_grow_has_a_bound() -> None:
    assert set(attributes()) == set(LARGEST) | BOUNDED_BY_TYPE | BOUNDED_BY_OUR_CODE


@pytest.mark.parametrize("name", sorted(LARGEST))
def test_the_largest_value_is_far_below_the_size_of_a_row(name: str) -> None:
    largest = LARGEST[name]() if callable(LARGEST[name]) else LARGEST[name]
    stored = attributes()[name].serialize(largest)
    assert len(stored if isinstance(stored, bytes) else str(stored).encode()) < 390_000
