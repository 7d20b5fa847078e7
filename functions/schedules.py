"""Scheduled jobs. Each is safe to run late, twice at once, or to die half-way."""

from typing import Any

from chalice.app import Blueprint, Cron, Rate

from chalicelib.services import outbox
from chalicelib.services.audit import audits, walks
from chalicelib.services.cabinets import liveness, polling
from chalicelib.services.media import lifecycle
from chalicelib.services.reconciliation import comparison, reversal_checks
from chalicelib.services.refunds import payouts
from chalicelib.services.rentals import ejects
from chalicelib.services.stations import listing_refresh
from chalicelib.services.topups import crediting
from chalicelib.wiring import world

schedules = Blueprint(__name__)
RESERVE_SECONDS = 5.0


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def poll_mns(event: Any) -> int:
    """Move cabinet messages from Alibaba MNS into our queue until this run's time ends.

    A run reads the queue for two minutes, so that the next run has begun whenever EventBridge starts it within its
    minute, and no second is without a reader.
    """
    context = event.context
    return polling.poll(world(), lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_ejects(event: Any) -> int:
    """Repair rentals whose cabinet has not confirmed the eject."""
    return ejects.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_intents(event: Any) -> int:
    """Check pending top-ups at their gateways."""
    return crediting.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_refunds(event: Any) -> int:
    """Check sent refunds at their gateways."""
    return payouts.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_outbox(event: Any) -> int:
    """Publish outbox messages again whose effect is missing."""
    return outbox.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def refresh_stations(event: Any) -> int:
    """Write the listings of stations that changed."""
    context = event.context
    return listing_refresh.refresh(world(), lambda: context.get_remaining_time_in_millis() / 1000)


@schedules.schedule(Rate(5, unit=Rate.MINUTES))
def watch_cabinets(event: Any) -> int:
    """Mark cabinets that have stopped reporting."""
    return liveness.watch(world())


@schedules.schedule(Rate(1, unit=Rate.HOURS))
def sweep_uploads(event: Any) -> int:
    """Delete files that no row uses, or that differ from their announcement."""
    return lifecycle.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.HOURS))
def reconcile(event: Any) -> int:
    """Compare the gateways' records with ours: of yesterday, and what is unfinished of the week before.

    Before that, payments credited in the last 90 days are looked up once a day.
    """

    def seconds_left() -> float:
        return float(event.context.get_remaining_time_in_millis()) / 1000

    reversal_checks.run(world(), seconds_left)
    return comparison.run(world(), seconds_left)


@schedules.schedule(Cron(15, 20, "*", "*", "?", "*"))
def begin_audit(event: Any) -> str:
    """Start the nightly audit, at two in the morning in Kathmandu."""
    return audits.start_nightly(world()).audit_id


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def audit_ledger(event: Any) -> int:
    """Continue the audit that runs, if one does. It goes through all tables in as many runs as it needs."""
    context = event.context
    return walks.run(world(), lambda: float(context.get_remaining_time_in_millis()) / 1000)
