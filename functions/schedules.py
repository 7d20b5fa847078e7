"""What the clock brings: each safe to run late, twice at once, or to die half-way."""

from typing import Any

from chalice.app import Blueprint, Cron, Rate

from chalicelib.services import (
    audit,
    cabinets,
    crediting,
    ejects,
    fleet,
    keeping,
    messages,
    reconciliation,
    repayments,
    stations,
)
from chalicelib.wiring import world

schedules = Blueprint(__name__)
SPARE_SECONDS = 5.0


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def poll_mns(event: Any) -> int:
    """Move what the cabinets said into our queue, for as long as this run lasts."""
    context = event.context
    return cabinets.poll(world(), lambda: context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS)


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_ejects(event: Any) -> int:  # noqa: ARG001  Chalice hands every schedule its event
    """Rentals whose eject nobody has heard of."""
    return ejects.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_intents(event: Any) -> int:  # noqa: ARG001
    """Top-ups to ask their gateway about."""
    return crediting.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_refunds(event: Any) -> int:  # noqa: ARG001
    """Refunds to ask their gateway about."""
    return repayments.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def sweep_outbox(event: Any) -> int:  # noqa: ARG001
    """Messages whose effect is not done yet."""
    return messages.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.MINUTES))
def refresh_stations(event: Any) -> int:  # noqa: ARG001
    """The station listings."""
    return stations.refresh(world())


@schedules.schedule(Rate(5, unit=Rate.MINUTES))
def watch_cabinets(event: Any) -> int:  # noqa: ARG001
    """Cabinets that have fallen silent."""
    return fleet.watch(world())


@schedules.schedule(Rate(1, unit=Rate.HOURS))
def sweep_uploads(event: Any) -> int:  # noqa: ARG001
    """Files that nobody uses, or that are not what was announced."""
    return keeping.sweep(world())


@schedules.schedule(Rate(1, unit=Rate.HOURS))
def reconcile(event: Any) -> int:
    """The gateways' days against ours: yesterday's, and what is not done of the week before."""
    context = event.context
    return reconciliation.run(world(), lambda: context.get_remaining_time_in_millis() / 1000)


@schedules.schedule(Cron(15, 20, "*", "*", "?", "*"))
def audit_ledger(event: Any) -> int:  # noqa: ARG001
    """Every night at two in Kathmandu: what must hold of money and custody."""
    return len(audit.audit(world()))
