"""A customer's issue, at a station or with a rental."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.users.upload import Upload

MAX_ISSUE_IMAGES = 5


class IssueStatus(StrEnum):
    """How far the operators are with an issue."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"


class IssuePriority(StrEnum):
    """How soon operators deal with an issue."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class StationIssueType(StrEnum):
    """What is wrong at a station."""

    OFFLINE = "offline"
    DAMAGED = "damaged"
    DIRTY = "dirty"
    LOCATION_WRONG = "location_wrong"
    SLOT_ERROR = "slot_error"
    OTHER = "other"


class RentalIssueType(StrEnum):
    """What is wrong with a rental."""

    DAMAGED = "damaged"
    NOT_WORKING = "not_working"
    LOST = "lost"
    CHARGING = "charging"
    RETURN_PROBLEM = "return_problem"


FAULTY_POWERBANK = frozenset({RentalIssueType.DAMAGED, RentalIssueType.NOT_WORKING})
"""Issues after which a power bank is not handed out again before somebody has looked at it."""


SWAPPABLE = FAULTY_POWERBANK | {RentalIssueType.CHARGING}
"""Issues after which the customer may swap the power bank soon after the eject."""


@dataclass(frozen=True)
class IssueImage:
    """An image at the media store."""

    public_id: str
    format: str


@dataclass(frozen=True)
class IssueDetails:
    """What a customer sends. `image_ids` are ids of own uploads, each once.

    `powerbank_sn` names the power bank that is meant, where a rental had more than one.
    """

    issue_type: str
    description: str
    image_ids: tuple[str, ...] = ()
    powerbank_sn: str | None = None


@dataclass(frozen=True)
class StationIssue:
    """An issue with a station. Issue ids sort by time."""

    user_id: str
    issue_id: str
    station_sn: str
    station_name: str
    issue_type: StationIssueType
    description: str
    images: tuple[IssueImage, ...]
    reported_at: datetime
    status: IssueStatus = IssueStatus.REPORTED
    resolved_at: datetime | None = None
    priority: IssuePriority = IssuePriority.MEDIUM
    version: int = 0


@dataclass(frozen=True)
class RentalIssue:
    """An issue with a rental. Issue ids sort by time. The power bank and the station are those of the issue."""

    user_id: str
    issue_id: str
    rental_id: str
    powerbank_sn: str
    station_sn: str
    station_name: str
    issue_type: RentalIssueType
    description: str
    images: tuple[IssueImage, ...]
    reported_at: datetime
    status: IssueStatus = IssueStatus.REPORTED
    resolved_at: datetime | None = None
    swap_until: datetime | None = None
    """Until when the customer could swap the power bank after this issue."""
    version: int = 0


@dataclass(frozen=True)
class IssueClaim:
    """The last issue of a user about one `subject`, such as a type of problem at a station.

    Until `until` the same problem is reported once.
    """

    user_id: str
    subject: str
    issue_id: str
    until: datetime
    version: int = 0


def issue_images(uploads: Iterable[Upload]) -> tuple[IssueImage, ...]:
    """The images of checked uploads."""
    return tuple(IssueImage(upload.public_id, str(upload.format)) for upload in uploads)
