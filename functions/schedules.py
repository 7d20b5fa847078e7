"""Scheduled jobs. Each is safe to run late, twice at once, or to die half-way."""

from chalice.app import Cron, Rate

from chalicelib.edge.scheduled_functions import ScheduledFunctions
from chalicelib.services import outbox
from chalicelib.services.admin import alerts
from chalicelib.services.analytics import counting, recount
from chalicelib.services.audit import audit_runs, segment_walks
from chalicelib.services.cabinets import liveness, polling
from chalicelib.services.media import upload_checks
from chalicelib.services.reconciliation import comparison, reversal_checks
from chalicelib.services.refunds import payouts
from chalicelib.services.rentals import due_times, ejects
from chalicelib.services.rewards import leaderboard_refresh
from chalicelib.services.stations import listing_refresh
from chalicelib.services.topups import crediting
from chalicelib.services.users import profile_reminders
from chalicelib.wiring import world
from chalicelib.world.time_left import SecondsLeft

schedules = ScheduledFunctions(__name__)
RESERVE_SECONDS = 5.0


# A poll waits for messages as long as its time allows, and limits each wait itself.
@schedules.on_schedule(Rate(1, unit=Rate.MINUTES), limits_calls=False)
def poll_mns(seconds_left: SecondsLeft) -> int:
    """Move cabinet messages from Alibaba MNS into our queue until this run's time ends.

    A run reads the queue for two minutes, so that the next run has begun whenever EventBridge starts it within its
    minute, and no second is without a reader.
    """
    return polling.poll(world(), lambda: seconds_left() - RESERVE_SECONDS)


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def sweep_ejects(seconds_left: SecondsLeft) -> int:
    """Repair rentals whose cabinet has not confirmed the eject."""
    return ejects.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def sweep_rentals(seconds_left: SecondsLeft) -> int:
    """Write reminders, lateness and losses of running rentals."""
    return due_times.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def sweep_profile_reminders(seconds_left: SecondsLeft) -> int:
    """Remind users of an incomplete profile, once a day."""
    return profile_reminders.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def sweep_intents(seconds_left: SecondsLeft) -> int:
    """Check pending top-ups at their gateways."""
    return crediting.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def sweep_refunds(seconds_left: SecondsLeft) -> int:
    """Check sent refunds at their gateways."""
    return payouts.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def sweep_outbox(seconds_left: SecondsLeft) -> int:
    """Publish outbox messages again whose effect is missing."""
    return outbox.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def refresh_stations(seconds_left: SecondsLeft) -> int:
    """Write the listings of stations that changed."""
    return listing_refresh.refresh(world(), seconds_left)


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def refresh_leaderboards(seconds_left: SecondsLeft) -> int:
    """Count changed scores, and write the leaderboards."""
    return leaderboard_refresh.refresh(world())


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def count_days(seconds_left: SecondsLeft) -> int:
    """Count changed rentals, top-ups and accounts in the counters of their days, and each hour who is online."""
    return counting.count_changed(world())


@schedules.on_schedule(Rate(5, unit=Rate.MINUTES))
def recount_days(seconds_left: SecondsLeft) -> int:
    """Recount a finished day from the tables, once a night, and correct its counters."""
    return recount.run(world(), seconds_left)


@schedules.on_schedule(Rate(5, unit=Rate.MINUTES))
def watch_cabinets(seconds_left: SecondsLeft) -> int:
    """Mark cabinets that have stopped reporting."""
    return liveness.watch(world())


@schedules.on_schedule(Rate(5, unit=Rate.MINUTES))
def alert_operators(seconds_left: SecondsLeft) -> int:
    """Notify operators of what needs a person."""
    return alerts.run(world(), seconds_left)


@schedules.on_schedule(Rate(1, unit=Rate.HOURS))
def sweep_uploads(seconds_left: SecondsLeft) -> int:
    """Delete files that no row uses, or that differ from their announcement."""
    return upload_checks.sweep(world())


@schedules.on_schedule(Rate(1, unit=Rate.HOURS))
def reconcile(seconds_left: SecondsLeft) -> int:
    """Compare the gateways' records with ours: of yesterday, and what is unfinished of the week before.

    Before that, payments credited in the last 90 days are looked up once a day.
    """
    reversal_checks.run(world(), seconds_left)
    return comparison.run(world(), seconds_left)


@schedules.on_schedule(Cron(15, 20, "*", "*", "?", "*"))
def begin_audit(seconds_left: SecondsLeft) -> str:
    """Start the nightly audit, at two in the morning in Kathmandu."""
    return audit_runs.start_nightly(world()).audit_id


@schedules.on_schedule(Rate(1, unit=Rate.MINUTES))
def audit_ledger(seconds_left: SecondsLeft) -> int:
    """Continue the audit that runs, if one does. It goes through all tables in as many runs as it needs."""
    return segment_walks.run(world(), seconds_left)
