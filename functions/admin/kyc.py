"""Operators: signing in, and looking at people's papers: /api/admin."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.problems import Problem
from chalicelib.domain.user import RIGHTS, Account, KycStatus, Role
from chalicelib.edge.body import Asked, Told, body, path_text, query
from chalicelib.edge.caller import caller
from chalicelib.edge.coercion import AsInteger
from chalicelib.edge.formats import Time, WebAddress, in_capitals, one_of
from chalicelib.edge.http import Answer, ok
from chalicelib.services import audit, kyc, signin
from chalicelib.services.kyc import Review
from chalicelib.wiring import world
from functions.doors import doors
from functions.tags import Tag
from functions.views import time_text
from functions.words import EitherCase

routes = doors(__name__, Tag.ADMIN_ACCESS)


class AdminLogin(Asked):
    email: Annotated[str, Field(min_length=3, max_length=254, examples=["admin@example.com"])]
    password: Annotated[str, Field(min_length=1, max_length=256)]


OPERATOR_ROLES = [role.upper() for role in Role if role is not Role.CUSTOMER]


class AdminUser(Told):
    id: str
    role: Annotated[str, one_of(OPERATOR_ROLES)]
    is_super_admin: bool
    rights: list[Annotated[str, one_of(sorted(RIGHTS[Role.SUPER_ADMIN]))]]


class AdminSignedIn(Told):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    user: AdminUser


class DecideKyc(Asked):
    status: Annotated[Literal["approved", "rejected"], EitherCase]
    rejection_reason: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class NumberedPageAsked(Asked):
    """Which page of a list, as the operators' dashboard asks for it."""

    page: Annotated[
        int, Field(strict=True, ge=1, le=1000, description="The number of the page, from 1"), AsInteger
    ] = 1
    page_size: Annotated[
        int, Field(strict=True, ge=1, le=100, description="How many results a page holds"), AsInteger
    ] = 20


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


class PageNumbers(Told):
    """Where a page is among the others, as the operators' dashboard reads it."""

    current_page: int
    total_pages: int
    total_count: int
    page_size: int
    has_next: bool
    has_previous: bool
    next_page: int | None
    previous_page: int | None


class Submissions(Told):
    kyc_submissions: list[SubmissionView]
    pagination: PageNumbers


class ViolationView(Told):
    rule: str
    about: str
    detail: str


class AuditView(Told):
    ok: bool
    violations: list[ViolationView]


@routes.post(
    "/api/admin/login", asks=AdminLogin, answer=AdminSignedIn, problems=("wrong_credentials", "rate_limited")
)
def login() -> Answer:
    """Sign in by e-mail and password."""
    asked = body(routes, AdminLogin)
    signed_in = signin.login_operator(world(), asked.email, asked.password)
    return ok(
        AdminSignedIn(
            access_token=signed_in.tokens.access,
            refresh_token=signed_in.tokens.refresh,
            expires_in=signed_in.tokens.access_lives_seconds,
            user=admin_view(signed_in.account),
        )
    )


@routes.get("/api/admin/kyc/submissions", tag=Tag.ADMIN_KYC, right="kyc", query=NumberedPageAsked, answer=Submissions)
def submissions() -> Answer:
    """Papers that wait for a decision; the links work for a minute, and each view is on record."""
    who = caller(routes)
    asked = query(routes, NumberedPageAsked)
    found, total = kyc.waiting(world(), who, page=asked.page, page_size=asked.page_size)
    views = [submission_view(one) for one in found]
    return ok(Submissions(kyc_submissions=views, pagination=page_numbers(asked.page, asked.page_size, total)))


@routes.patch(
    "/api/admin/kyc/submissions/{user_id}",
    tag=Tag.ADMIN_KYC,
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
    review = kyc.decide_submission(world(), who, path_text(user_id), approved=approved, reason=reason)
    return ok(submission_view(review))


@routes.get("/api/admin/system/audit", tag=Tag.ADMIN_AUDIT, right="audit", answer=AuditView)
def run_audit() -> Answer:
    """Check money and custody over everything there is."""
    caller(routes)
    found = audit.audit(world())
    views = [ViolationView(rule=one.rule, about=one.about, detail=one.detail) for one in found]
    return ok(AuditView(ok=not found, violations=views))


def admin_view(account: Account) -> AdminUser:
    return AdminUser(
        id=account.user_id,
        role=account.role.value.upper(),
        is_super_admin=account.role.value == "super_admin",
        rights=sorted(RIGHTS[account.role]),
    )


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


def page_numbers(page: int, page_size: int, total: int) -> PageNumbers:
    pages = max(1, -(-total // page_size))
    return PageNumbers(
        current_page=page,
        total_pages=pages,
        total_count=total,
        page_size=page_size,
        has_next=page < pages,
        has_previous=page > 1,
        next_page=page + 1 if page < pages else None,
        previous_page=page - 1 if page > 1 else None,
    )
