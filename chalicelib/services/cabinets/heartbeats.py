"""Sends heartbeats back to their cabinets. A cabinet restarts when two of its heartbeats do not come back."""

from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World


def echo(world: World, event: DeviceEvent) -> str:
    """Send the bytes back on their topic. Returns the outcome.

    A heartbeat older than `heartbeat_echo_seconds` is not sent back: the cabinet does not wait for it any more. A
    failure has no other effect, since the next heartbeat comes within nine minutes.
    """
    if world.now() - event.at >= timedelta(seconds=world.settings().heartbeat_echo_seconds):
        return "not_echoed"
    try:
        world.cabinets.echo(event.imei, event.echo_topic, event.frame)
    except (Unavailable, Rejected, OutcomeUnknown):
        log.fact("heartbeat_not_echoed", imei=event.imei)
        return "echo_failed"
    return "echoed"
