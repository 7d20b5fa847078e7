"""Stores, lists and counts returns whose time is uncertain by more than an hour."""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.return_time_doubt import ReturnDoubt, return_doubt
from chalicelib.domain.rentals.sighting import Sighting
from chalicelib.tables import rentals, return_doubts
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.world import World

REPEATED = 2


def stage(ops: Transaction, world: World, ended: Rental, sighting: Sighting) -> ReturnDoubt | None:
    """Stage a row about the return, if its time is uncertain by more than `return_doubt_minutes`."""
    limit = timedelta(minutes=world.settings().return_doubt_minutes)
    doubt = return_doubt(ended, min(sighting.at, world.now()), limit)
    if doubt is not None:
        return_doubts.add(ops, doubt)
    return doubt


def count(world: World, doubt: ReturnDoubt) -> None:
    """Raise an alarm for a customer, and one for a station, with an earlier doubtful return within
    `return_doubt_days`."""
    log.fact("return_time_in_doubt", rental_id=doubt.rental_id, sn=doubt.station_sn)
    since = doubt.reported_at - timedelta(days=world.settings().return_doubt_days)
    if len(return_doubts.newest(return_doubts.customer(doubt.user_id), REPEATED, since=since)) == REPEATED:
        log.alarm(Alarm.RETURN_DOUBT_REPEATED, user_id=doubt.user_id, rental_id=doubt.rental_id)
    if len(return_doubts.newest(return_doubts.station(doubt.station_sn), REPEATED, since=since)) == REPEATED:
        log.alarm(Alarm.RETURN_DOUBT_REPEATED, sn=doubt.station_sn, rental_id=doubt.rental_id)


def list_doubts(page: NumberedPage) -> tuple[list[tuple[ReturnDoubt, Rental]], int]:
    """A page of the doubts with their rentals, the newest first, and their number, counted up to MAX_LISTED."""
    doubts: Sequence[ReturnDoubt] = return_doubts.newest(return_doubts.EVERYONE, MAX_LISTED)
    listed = page.of(doubts)
    keys = [rentals.rental_key(doubt.user_id, doubt.rental_id) for doubt in listed]
    by_id = {rental.rental_id: rental for rental in fetch_many(keys)}
    return [(doubt, by_id[doubt.rental_id]) for doubt in listed if doubt.rental_id in by_id], len(doubts)
