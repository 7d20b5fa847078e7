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
    CANCELLED = "cancelled"
    LOST = "lost"


class RentalPaymentStatus(StrEnum):
    """Whether a rental is paid, derived from its state and its due."""

    PENDING = "pending"
    PAID = "paid"
    DUE = "due"
    REFUNDED = "refunded"


# failed or cancelled -> active: after the release a cabinet reports that the power bank came out.
# active -> failed: the cabinet answers that it did not find the power bank whose empty slot started the rental, or
# lists the power bank, which only another station had listed since, in its slot. lost -> failed: the same, later.
# active -> starting: a faulty power bank is back, and another one is ejected.
# completed -> cancelled: the power bank was back within a few minutes. lost -> completed or due: it was found again.
MOVES: Mapping[RentalState, frozenset[RentalState]] = {
    RentalState.STARTING: frozenset({RentalState.ACTIVE, RentalState.FAILED, RentalState.CANCELLED}),
    RentalState.ACTIVE: frozenset(
        {RentalState.COMPLETED, RentalState.DUE, RentalState.LOST, RentalState.FAILED, RentalState.STARTING}
    ),
    RentalState.FAILED: frozenset({RentalState.ACTIVE}),
    RentalState.CANCELLED: frozenset({RentalState.ACTIVE}),
    RentalState.DUE: frozenset({RentalState.COMPLETED}),
    RentalState.LOST: frozenset({RentalState.COMPLETED, RentalState.DUE, RentalState.FAILED}),
    RentalState.COMPLETED: frozenset({RentalState.CANCELLED}),
}


NOT_FOUND = "eject_refused_fc"
"""The failure of a rental whose cabinet answered that it did not find the power bank."""
CABINET_BUSY = frozenset({"eject_refused_fd", "eject_refused_fe"})
"""The failures of rentals whose cabinet still works on another command, perhaps on the same eject that came twice."""
STAYED_IN_SLOT = "stayed_in_slot"
"""The failure of a rental whose power bank the cabinet still listed in its slot after the eject."""
NOT_SENT = "not_sent"
"""The failure of a rental whose eject command surely did not reach the cabinet."""
NOT_SWAPPED = "not_swapped"
"""The failure of a rental that ended free of charge: its faulty power bank came back, and there was no other."""
CANCELLED_BEFORE_EJECT = "cancelled_before_eject"
"""The failure of a rental that its customer cancelled while it was starting."""
CANCELLED_AFTER_RETURN = "cancelled_after_return"
"""The failure of a rental that its customer cancelled after a return within a few minutes."""
