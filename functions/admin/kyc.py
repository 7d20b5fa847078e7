"""Review of KYC submissions by operators: /api/admin/kyc."""

from typing import Annotated, Literal

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.time_text import time_text
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.users import kyc_review
from chalicelib.services.users.kyc_review import Review
from chalicelib.wiring import world
from functions.admin.paging import PageNumberQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import FreeText, UserId
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_KYC)


class DecideKyc(RequestModel):
    status: Annotated[Literal["approved", "rejected"], CaseInsensitive]
    rejection_reason: FreeText | None = None
    """Needed to reject."""


class KycSubmissionResponse(ResponseModel):
    id: str
    user_id: str
    username: str
    email: str | None
    phone_number: str | None
    document_type: Annotated[str, one_of_upper_case(["citizenship"])]
    document_number: str
    document_front_url: WebAddress
    document_back_url: WebAddress | None
    issued_district: str
    issued_date: str
    status: Annotated[str, one_of_upper_case(KycStatus)]
    verified_at: Time | None
    verified_by: str | None
    verified_by_username: str | None
    rejection_reason: str | None
    created_at: Time
    updated_at: Time


class KycSubmissionsResponse(ResponseModel):
    kyc_submissions: list[KycSubmissionResponse]
    pagination: PageNumbers


@routes.get("/api/admin/kyc/submissions", permission="kyc", query=PageNumberQuery, response=KycSubmissionsResponse)
def list_submissions(query: PageNumberQuery, caller: Caller) -> Response:
    """KYC submissions that await a decision, oldest first.

    The document links work for one minute. Each view is recorded in the audit log.
    """
    reviews, total = kyc_review.list_pending(world(), caller, query.to_page())
    submissions = [to_kyc_submission_response(review) for review in reviews]
    return ok(KycSubmissionsResponse(kyc_submissions=submissions, pagination=PageNumbers.of(query, total)))


@routes.patch(
    "/api/admin/kyc/submissions/{user_id}",
    permission="kyc",
    body=DecideKyc,
    response=KycSubmissionResponse,
    problems=("not_found", "kyc_already_decided", "kyc_superseded"),
)
def decide(request: DecideKyc, caller: Caller, user_id: UserId) -> Response:
    """Approve a KYC submission, or reject it with a reason.

    With a submission's `id`, nothing is decided when its user has submitted a newer one. With a `user_id`, the user's
    newest submission is decided.
    """
    approved = request.status == "approved"
    if not approved and not request.rejection_reason:
        raise Problem("invalid_input", errors={"rejection_reason": [validation_message("reason_missing")]})
    reason = None if approved else request.rejection_reason
    review = kyc_review.decide_submission(world(), caller, user_id, approved=approved, reason=reason)
    return ok(to_kyc_submission_response(review))


def to_kyc_submission_response(review: Review) -> KycSubmissionResponse:
    submission, user = review.submission, review.user
    return KycSubmissionResponse(
        id=submission.submission_id,
        user_id=submission.user_id,
        username=user.username,
        email=user.email,
        phone_number=user.phone,
        document_type=in_upper_case(submission.document_type),
        document_number=review.document_number,
        document_front_url=review.front_url,
        document_back_url=review.back_url,
        issued_district=submission.issued_district,
        issued_date=submission.issued_date,
        status=in_upper_case(submission.status),
        verified_at=time_or_none(submission.decided_at),
        verified_by=submission.decided_by,
        verified_by_username=review.reviewer_username,
        rejection_reason=submission.rejection_reason,
        created_at=time_text(submission.submitted_at),
        updated_at=time_text(submission.decided_at or submission.submitted_at),
    )
