"""Response models that several route files share, and the functions that fill them."""

from datetime import datetime
from typing import Annotated

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.accounts.rent_eligibility import is_profile_complete, reasons_not_to_rent
from chalicelib.domain.money.pricing import Package, PaymentModel
from chalicelib.domain.operators.rejection_reasons import reason_text
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.texts import LANGUAGES
from chalicelib.domain.text.time_text import time_text
from chalicelib.domain.users.kyc import KycStatus, KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.edge.formats import Currency, DayText, Rupees, Time, WebAddress, one_of
from chalicelib.edge.models import ResponseModel
from chalicelib.services.caller import Caller
from chalicelib.services.users import profile

CURRENCY: Currency = "NPR"
REASONS = ("account_banned", "profile_incomplete", "kyc_required", "due_unpaid", "rental_open")
"""Problem codes that forbid a rental."""
REFUND_PROBLEMS: tuple[ProblemCode, ...] = (
    "not_refundable",
    "already_refunded",
    "refund_open",
    "refund_spent",
    "refund_points_spent",
    "due_unpaid",
    "rental_open",
)
"""Problem codes that forbid a refund."""
Language = Annotated[str, one_of(LANGUAGES)]


class UserResponse(ResponseModel):
    id: str
    username: str
    email: str | None
    phone_number: str | None
    status: Status
    role: Role


class KycResponse(ResponseModel):
    status: KycStatus
    rejection_reason: str | None
    submitted_at: Time | None
    verified_at: Time | None


class ProfileResponse(ResponseModel):
    username: str
    email: str | None
    phone_number: str | None
    full_name: str | None
    date_of_birth: DayText | None
    address: str | None
    avatar_url: WebAddress | None
    language: Language | None
    is_profile_complete: bool
    kyc_status: KycStatus


class MyProfile(ResponseModel):
    full_name: str | None
    date_of_birth: DayText | None
    address: str | None
    avatar_url: WebAddress | None
    language: Language | None
    completed: bool


class MyKyc(ResponseModel):
    status: KycStatus


class MyWallet(ResponseModel):
    balance: Rupees
    currency: Currency


class MyPoints(ResponseModel):
    current: int


class Eligibility(ResponseModel):
    can_rent: bool
    reasons: list[Annotated[str, one_of(REASONS)]]


class MeResponse(ResponseModel):
    id: str
    username: str
    email: str | None
    phone_number: str | None
    referral_code: str
    status: Status
    date_joined: Time
    profile: MyProfile
    kyc: MyKyc
    wallet: MyWallet
    points: MyPoints
    rental_eligibility: Eligibility


class PointsResponse(ResponseModel):
    current_points: int
    points_value: Rupees


class WalletResponse(ResponseModel):
    balance: Rupees
    held: Rupees
    due: Rupees
    currency: Currency
    points: PointsResponse


class PackageResponse(ResponseModel):
    id: str
    name: str
    description: str
    duration_minutes: int
    price: Rupees
    payment_model: PaymentModel


class Breakdown(ResponseModel):
    points_used: int
    points_amount: Rupees
    wallet_amount: Rupees


def time_or_none(at: datetime | None) -> str | None:
    return None if at is None else time_text(at)


def money_or_none(paisa: int | None) -> str | None:
    return None if paisa is None else money_text(paisa)


def to_user_response(account: Account, user: User | None) -> UserResponse:
    return UserResponse(
        id=account.user_id,
        username=user.username if user else "",
        email=user.email if user else None,
        phone_number=user.phone if user else None,
        status=account.status,
        role=account.role,
    )


def to_kyc_response(status: KycStatus, submission: KycSubmission | None, language: str) -> KycResponse:
    approved = submission is not None and submission.status is KycStatus.APPROVED
    return KycResponse(
        status=status,
        rejection_reason=reason_text(submission.rejection_reason, language)
        if submission and submission.rejection_reason
        else None,
        submitted_at=time_text(submission.submitted_at) if submission else None,
        verified_at=time_or_none(submission.decided_at) if submission and approved else None,
    )


def to_me_response(caller: Caller) -> MeResponse:
    user, _ = profile.load_profile(caller)
    account = caller.account
    reasons = reasons_not_to_rent(account)
    return MeResponse(
        id=user.user_id,
        username=user.username,
        email=user.email,
        phone_number=user.phone,
        referral_code=user.referral_code,
        status=account.status,
        date_joined=time_text(user.joined_at),
        profile=MyProfile(**_personal_fields(user), completed=account.profile_complete),
        kyc=MyKyc(status=account.kyc_status),
        wallet=MyWallet(balance=money_text(account.wallet_paisa), currency=CURRENCY),
        points=MyPoints(current=account.points),
        rental_eligibility=Eligibility(can_rent=not reasons, reasons=list(reasons)),
    )


def to_profile_response(user: User, account: Account) -> ProfileResponse:
    return ProfileResponse(
        username=user.username,
        email=user.email,
        phone_number=user.phone,
        **_personal_fields(user),
        is_profile_complete=is_profile_complete(user),
        kyc_status=account.kyc_status,
    )


def to_wallet_response(account: Account) -> WalletResponse:
    return WalletResponse(
        balance=money_text(account.wallet_paisa),
        held=money_text(account.held_paisa),
        due=money_text(account.due_paisa),
        currency=CURRENCY,
        points=to_points_response(account),
    )


def to_points_response(account: Account) -> PointsResponse:
    return PointsResponse(current_points=account.points, points_value=money_text(account.points * PAISA_PER_POINT))


def to_package_response(package: Package, language: str) -> PackageResponse:
    return PackageResponse(
        id=package.package_id,
        name=package.name_in(language),
        description=package.description_in(language),
        duration_minutes=package.minutes,
        price=money_text(package.price_paisa),
        payment_model=package.payment_model,
    )


def to_breakdown(points: int, wallet_paisa: int) -> Breakdown:
    return Breakdown(
        points_used=points,
        points_amount=money_text(points * PAISA_PER_POINT),
        wallet_amount=money_text(wallet_paisa),
    )


def _personal_fields(user: User) -> dict[str, str | None]:
    return {
        "full_name": user.full_name,
        "date_of_birth": user.date_of_birth.isoformat() if user.date_of_birth else None,
        "address": user.address,
        "avatar_url": user.avatar_url,
        "language": user.language,
    }
