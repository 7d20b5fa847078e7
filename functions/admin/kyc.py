"""Operators review KYC submissions: /api/admin/kyc."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.kyc import KycStatus
from chalicelib.domain.problems import Problem
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Time, WebAddress, in_capitals, one_of
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, ok
from chalicelib.services.users import kyc_review
from chalicelib.services.users.kyc_review import Review
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageAsked, PageNumbers, page_numbers
from functions.params import EitherCase
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_KYC)


class DecideKyc(Asked):
    status: Annotated[Literal["approved", "rejected"], EitherCase]
    rejection_reason: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class SubmissionView(Told):
    id: str
    user_id: str
    username: str
    email: str | None
    phone_number: str | None
    document_type: Annotated[str, one_of(("CITIZENSHIP",))]
    document_number: str
    document_front_url: WebAddress
    document_back_url: WebAddress | None
    issued_district: str
    issued_date: str
    status: Annotated[str, in_capitals(KycStatus)]
    verified_at: Time | None
    verified_by: str | None
    verified_by_username: Annotated[str | None, Field(description="Null: operators have no names yet")]
    rejection_reason: str | None
    created_at: Time
    updated_at: Time


class Submissions(Told):
    kyc_submissions: list[SubmissionView]
    pagination: PageNumbers


@routes.get("/api/admin/kyc/submissions", right="kyc", query=NumberedPageAsked, answer=Submissions)
def submissions() -> Answer:
    """Papers that wait for a decision; the links work for a minute, and each view is on record."""
    who = caller(routes)
    asked = query(routes, NumberedPageAsked)
    found, total = kyc_review.waiting(world(), who, page=asked.page, page_size=asked.page_size)
    views = [submission_view(one) for one in found]
    return ok(Submissions(kyc_submissions=views, pagination=page_numbers(asked.page, asked.page_size, total)))


@routes.patch(
    "/api/admin/kyc/submissions/{user_id}",
    right="kyc",
    asks=DecideKyc,
    answer=SubmissionView,
    problems=("not_found", "kyc_already_decided", "kyc_superseded"),
)
def decide(user_id: str) -> Answer:
    """Approve papers, or reject them with a reason.

    Name them by their `id`: if the user has handed in others meanwhile, nothing is decided. By `user_id` the newest
    are decided, seen or not.
    """
    who = caller(routes)
    asked = body(routes, DecideKyc)
    approved = asked.status == "approved"
    if not approved and not asked.rejection_reason:
        raise Problem("invalid_input", errors={"rejection_reason": ["needed to reject"]})
    reason = None if approved else asked.rejection_reason
    review = kyc_review.decide_submission(world(), who, path_text(user_id), approved=approved, reason=reason)
    return ok(submission_view(review))


def submission_view(review: Review) -> SubmissionView:
    papers, user = review.papers, review.user
    return SubmissionView(
        id=papers.submission_id,
        user_id=papers.user_id,
        username=user.username,
        email=user.email,
        phone_number=user.phone,
        document_type=papers.document_type.upper(),
        document_number=review.document_number,
        document_front_url=review.front_url,
        document_back_url=review.back_url,
        issued_district=papers.issued_district,
        issued_date=papers.issued_date,
        status=papers.status.value.upper(),
        verified_at=time_text(papers.decided_at),
        verified_by=papers.decided_by,
        verified_by_username=None,
        rejection_reason=papers.rejection_reason,
        created_at=time_text(papers.submitted_at),
        updated_at=time_text(papers.decided_at or papers.submitted_at),
    )
