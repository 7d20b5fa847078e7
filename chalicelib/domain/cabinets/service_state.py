"""Whether a power bank is in service."""

from enum import StrEnum


class Service(StrEnum):
    """Whether operators let customers rent a power bank."""

    IN_SERVICE = "in_service"
    UNREGISTERED = "unregistered"
    """A cabinet reported it, and no operator has registered it."""
    MAINTENANCE = "maintenance"
