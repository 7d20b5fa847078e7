"""The states of a rental and the moves between them, and how a rental is paid."""

from collections.abc import Mapping
from enum import StrEnum


class RentalState(StrEnum):
    """The stored state. Whether a rental is overdue or paid is derived."""

    STARTING = "starting"
    ACTIVE = "active"
    FAILED = "failed"
    COMPLETED = "completed"
    DUE = "due"


class RentalPaymentStatus(StrEnum):
    """Whether a rental is paid, derived from its state and its due."""

    PENDING = "pending"
    PAID = "paid"
    DUE = "due"
    REFUNDED = "refunded"


# failed -> active: after the release a cabinet reports that the power bank came out.
# active -> failed: the cabinet answers that it did not find the power bank whose empty slot started the rental.
MOVES: Mapping[RentalState, frozenset[RentalState]] = {
    RentalState.STARTING: frozenset({RentalState.ACTIVE, RentalState.FAILED}),
    RentalState.ACTIVE: frozenset({RentalState.COMPLETED, RentalState.DUE, RentalState.FAILED}),
    RentalState.FAILED: frozenset({RentalState.ACTIVE}),
    RentalState.DUE: frozenset({RentalState.COMPLETED}),
    RentalState.COMPLETED: frozenset(),
}


NOT_FOUND = "eject_refused_fc"
"""The failure of a rental whose cabinet answered that it did not find the power bank."""
NOT_SENT = "not_sent"
"""The failure of a rental whose eject command surely did not reach the cabinet."""
