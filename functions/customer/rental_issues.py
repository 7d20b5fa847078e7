"""Issues with rentals: /api/rentals/{rental_id}/report-issue."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.stations.issue import IssueDetails, IssueStatus, RentalIssue, RentalIssueType
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created
from chalicelib.services.caller import Caller
from chalicelib.services.issues import intake, rental_issues
from chalicelib.wiring import world
from functions.params import FreeText, Id, RentalId, UploadIds
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.RENTALS)


class ReportRentalIssue(RequestModel):
    issue_type: RentalIssueType
    description: FreeText
    images: UploadIds = ()
    powerbank_sn: Annotated[
        Id | None,
        Field(
            examples=["40818052"],
            description="The power bank that is meant, after a swap. Without it, the one that came out last is meant",
        ),
    ] = None

    def to_details(self) -> IssueDetails:
        image_ids = tuple(dict.fromkeys(self.images))
        return IssueDetails(self.issue_type.value, self.description, image_ids, self.powerbank_sn)

    def prefetch_keys(self, user_id: str, rental_id: RentalId) -> tuple[Any, ...]:
        return rental_issues.prefetch_keys(user_id, rental_id, self.to_details())


class RentalIssueResponse(ResponseModel):
    id: str
    rental_id: str
    powerbank_sn: str
    issue_type: RentalIssueType
    description: str
    images: Annotated[list[WebAddress], Field(description="The addresses of the images")]
    status: IssueStatus
    reported_at: Time
    resolved_at: Time | None
    swap_until: Annotated[
        Time | None,
        Field(description="Return the power bank by then, and the station gives out another on the same rental"),
    ]


@routes.post(
    "/api/rentals/{rental_id}/report-issue",
    body=ReportRentalIssue,
    response=RentalIssueResponse,
    status=201,
    prefetch=ReportRentalIssue.prefetch_keys,
    problems=(
        "not_found",
        "rental_issue_too_late",
        "rental_issue_limit_reached",
        "issue_already_reported",
        "issue_limit_reached",
        "upload_unusable",
        "media_unavailable",
    ),
)
def report_issue(request: ReportRentalIssue, rental_id: RentalId, caller: Caller) -> Response:
    """Report a problem with a rental, up to a week after its end. The same issue again returns the first one."""
    return created(
        to_rental_issue_response(rental_issues.report_issue(world(), caller, rental_id, request.to_details()))
    )


def to_rental_issue_response(issue: RentalIssue) -> RentalIssueResponse:
    return RentalIssueResponse(
        id=issue.issue_id,
        rental_id=issue.rental_id,
        powerbank_sn=issue.powerbank_sn,
        issue_type=issue.issue_type,
        description=issue.description,
        images=intake.image_addresses(world(), issue.images),
        status=issue.status,
        reported_at=time_text(issue.reported_at),
        resolved_at=time_or_none(issue.resolved_at),
        swap_until=time_or_none(issue.swap_until),
    )
