"""What the clock brings: each safe to run late, twice at once, or to die half-way."""

from typing import Any

from chalice.app import Blueprint, Cron, Rate

from chalicelib.services import outbox
from chalicelib.services.audit import ledger as ledger_audit
from chalicelib.services.cabinets import inbound, liveness
from chalicelib.services.media import lifecycle
from chalicelib.services.reconciliation import comparison
from chalicelib.services.refunds import payouts
from chalicelib.services.rentals import ejects
from chalicelib.services.stations import listings
from chalicelib.services.topups import crediting
from chalicelib.wiring import world

schedules = Blueprint(__name__)
RESERVE_SECONDS = 5.0


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def poll_mns(event: Any) -> int:
    """Move what the cabinets said into our queue, for as long as this run lasts."""
    context = event.context
    return inbound.poll(world(), lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_ejects(event: Any) -> int:
    """Rentals whose eject nobody has heard of."""
    return ejects.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_intents(event: Any) -> int:
    """Top-ups to ask their gateway about."""
    return crediting.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_refunds(event: Any) -> int:
    """Refunds to ask their gateway about."""
    return payouts.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_outbox(event: Any) -> int:
    """Messages whose effect is not done yet."""
    return outbox.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def refresh_stations(event: Any) -> int:
    """The station listings."""
    return listings.refresh(world())


@schedules.schedule(Rate(5, unit=Rate.MINUTES))
def watch_cabinets(event: Any) -> int:
    """Cabinets that have fallen silent."""
    return liveness.watch(world())


@schedules.schedule(Rate(1, unit=Rate.HOURS))
def sweep_uploads(event: Any) -> int:
    """Files that nobody uses, or that are not what was announced."""
    return lifecycle.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.HOURS))
def reconcile(event: Any) -> int:
    """The gateways' days against ours: yesterday's, and what is not done of the week before."""
    context = event.context
    return comparison.run(world(), lambda: context.get_remaining_time_in_millis() / 1000)


@schedules.schedule(Cron(15, 20, "*", "*", "?", "*"))
def audit_ledger(event: Any) -> int:
    """Every night at two in Kathmandu: what must hold of money and custody."""
    return len(ledger_audit.audit(world()))
