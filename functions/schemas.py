"""Response models that several route files share, and how they are filled."""

from datetime import datetime
from typing import Annotated, overload

from chalicelib.domain.account import Account, Role, Status
from chalicelib.domain.kyc import KycStatus, Papers
from chalicelib.domain.point_rules import PAISA_PER_POINT
from chalicelib.domain.pricing import Package, PaymentModel
from chalicelib.domain.user import User
from chalicelib.edge.formats import Currency, DayText, Rupees, Time, WebAddress, one_of
from chalicelib.edge.language import LANGUAGES
from chalicelib.edge.models import Told
from chalicelib.edge.responses import money_text
from chalicelib.services.caller import Caller
from chalicelib.services.users import profile

CURRENCY: Currency = "NPR"
REASONS = ("account_banned", "profile_incomplete", "kyc_required", "due_unpaid", "rental_open")
"""Problem codes that forbid a rental."""
Language = Annotated[str, one_of(LANGUAGES)]


class UserView(Told):
    id: str
    username: str
    email: str | None
    phone_number: str | None
    status: Status
    role: Role


class KycView(Told):
    status: KycStatus
    rejection_reason: str | None
    submitted_at: Time | None
    verified_at: Time | None


class ProfileView(Told):
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


class MyProfile(Told):
    full_name: str | None
    date_of_birth: DayText | None
    address: str | None
    avatar_url: WebAddress | None
    language: Language | None
    completed: bool


class MyKyc(Told):
    status: KycStatus


class MyWallet(Told):
    balance: Rupees
    currency: Currency


class MyPoints(Told):
    current: int


class Eligibility(Told):
    can_rent: bool
    reasons: list[Annotated[str, one_of(REASONS)]]


class MeView(Told):
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


class PointsView(Told):
    current_points: int
    points_value: Rupees


class WalletView(Told):
    balance: Rupees
    held: Rupees
    due: Rupees
    currency: Currency
    points: PointsView


class PackageView(Told):
    id: str
    name: str
    description: str
    duration_minutes: int
    price: Rupees
    payment_model: PaymentModel


class Breakdown(Told):
    points_used: int
    points_amount: Rupees
    wallet_amount: Rupees


@overload
def time_text(at: datetime) -> str: ...


@overload
def time_text(at: None) -> None: ...


@overload
def time_text(at: datetime | None) -> str | None: ...


def time_text(at: datetime | None) -> str | None:
    """UTC, ISO 8601, to the second, with Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def user_view(account: Account, user: User | None) -> UserView:
    return UserView(
        id=account.user_id,
        username=user.username if user else "",
        email=user.email if user else None,
        phone_number=user.phone if user else None,
        status=account.status,
        role=account.role,
    )


def kyc_view(status: KycStatus, papers: Papers | None) -> KycView:
    approved = papers is not None and papers.status is KycStatus.APPROVED
    return KycView(
        status=status,
        rejection_reason=papers.rejection_reason if papers else None,
        submitted_at=time_text(papers.submitted_at) if papers else None,
        verified_at=time_text(papers.decided_at) if papers and approved else None,
    )


def me_view(caller: Caller) -> MeView:
    user, _ = profile.person(caller)
    account = caller.account
    reasons = account.reasons_not_to_rent()
    return MeView(
        id=user.user_id,
        username=user.username,
        email=user.email,
        phone_number=user.phone,
        referral_code=user.referral_code,
        status=account.status,
        date_joined=time_text(user.joined_at),
        profile=MyProfile(**_person(user), completed=account.profile_complete),
        kyc=MyKyc(status=account.kyc_status),
        wallet=MyWallet(balance=money_text(account.wallet_paisa), currency=CURRENCY),
        points=MyPoints(current=account.points),
        rental_eligibility=Eligibility(can_rent=not reasons, reasons=reasons),
    )


def profile_view(user: User, account: Account) -> ProfileView:
    return ProfileView(
        username=user.username,
        email=user.email,
        phone_number=user.phone,
        **_person(user),
        is_profile_complete=user.profile_complete,
        kyc_status=account.kyc_status,
    )


def wallet_view(account: Account) -> WalletView:
    return WalletView(
        balance=money_text(account.wallet_paisa),
        held=money_text(account.held_paisa),
        due=money_text(account.due_paisa),
        currency=CURRENCY,
        points=points_view(account),
    )


def points_view(account: Account) -> PointsView:
    return PointsView(current_points=account.points, points_value=money_text(account.points * PAISA_PER_POINT))


def package_view(package: Package) -> PackageView:
    return PackageView(
        id=package.package_id,
        name=package.name,
        description=package.description,
        duration_minutes=package.minutes,
        price=money_text(package.price_paisa),
        payment_model=package.payment_model,
    )


def breakdown(points: int, wallet_paisa: int) -> Breakdown:
    return Breakdown(
        points_used=points,
        points_amount=money_text(points * PAISA_PER_POINT),
        wallet_amount=money_text(wallet_paisa),
    )


def _person(user: User) -> dict[str, str | None]:
    return {
        "full_name": user.full_name,
        "date_of_birth": user.date_of_birth.isoformat() if user.date_of_birth else None,
        "address": user.address,
        "avatar_url": user.avatar_url,
        "language": user.language,
    }
