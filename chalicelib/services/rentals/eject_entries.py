"""The eject commands of rentals in the event log."""

from chalicelib.domain.cabinets.cabinet_protocol.commands import eject_command
from chalicelib.domain.cabinets.event_log import CommandOutcome, EventKind, LogEntry
from chalicelib.domain.rentals.rental import Rental


def entry(rental: Rental, outcome: CommandOutcome) -> LogEntry:
    """The eject command of a rental in the event log. A later outcome takes the place of an earlier one."""
    imei, at = rental.station.imei, rental.requested_at
    command = eject_command(rental.powerbank_sn, at)
    message_id = f"eject-{rental.rental_id}-{rental.powerbank_sn}"
    return LogEntry(imei, EventKind.COMMAND, "eject", at, at, outcome.value, message_id, rental.rental_id, command)
