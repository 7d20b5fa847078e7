"""Users, for operators: /api/admin/users."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.edge.formats import Currency, DayText, Rupees, Time, WebAddress
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.newest_pages import NewestPage
from chalicelib.services.users import user_lists
from chalicelib.services.users.user_lists import UserRecord, UsersFilter
from chalicelib.wiring import world
from functions.admin.paging import AnyPage, AnyPageQuery, page_fields
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import UserId
from functions.routing import blueprint
from functions.schemas import CURRENCY, time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_USERS)
SEARCH = "An id, username, phone number, e-mail address or referral code, whole. The other filters don't apply."


class UsersQuery(AnyPageQuery):
    search: Annotated[
        str | None, Field(min_length=1, max_length=user_lists.MAX_SEARCH_CHARACTERS, description=SEARCH)
    ] = None
    status: Annotated[
        Literal["active", "banned"] | None, CaseInsensitive, Field(description="Only accounts with this status")
    ] = None
    kyc_status: Annotated[
        Literal["not_submitted", "pending", "approved", "rejected"] | None,
        CaseInsensitive,
        Field(description="Only users with this KYC status"),
    ] = None

    def to_filter(self) -> UsersFilter:
        return UsersFilter(
            Status(self.status) if self.status else None,
            KycStatus(self.kyc_status) if self.kyc_status else None,
        )


class AdminUserProfile(ResponseModel):
    full_name: str | None
    date_of_birth: DayText | None
    address: str | None
    is_profile_complete: bool


class AdminUser(ResponseModel):
    id: str
    email: str | None
    phone_number: str | None
    username: str
    profile_picture: WebAddress | None
    referral_code: str
    role: Annotated[str, one_of_upper_case(Role)]
    status: Annotated[str, one_of_upper_case(Status)]
    is_active: bool
    date_joined: Time
    last_login: Annotated[Time | None, Field(description="The newest sign-in of which the session is listed")]
    profile_complete: bool
    kyc_status: Annotated[str, one_of_upper_case(KycStatus)]
    profile: AdminUserProfile


class AdminUserDetail(AdminUser):
    balance: Rupees
    held: Rupees
    due: Rupees
    currency: Currency
    points: int
    total_spent: Rupees
    total_topups: Rupees
    total_rentals: int
    timely_returns: int
    late_returns: int
    referrals_count: int
    achievements_count: int
    last_rental_at: Time | None
    open_rental_id: str | None
    due_rental_id: str | None
    lost_rental_ids: list[str]


class AdminUsersResponse(AnyPage[AdminUser]):
    pass


@routes.get("/api/admin/users", permission="admin", query=UsersQuery, response=AdminUsersResponse)
def list_users(query: UsersQuery, cursor: Cursor) -> Response:
    """Users, the newest first. A page with a filter may hold less than it could, and still have a cursor."""
    if query.search:
        users = user_lists.find(world(), query.search)
        page = NewestPage(users, None, len(users))
    else:
        page = user_lists.page_of(query.to_filter(), query.to_page(), before=cursor.text("before"))
    return ok(
        AdminUsersResponse(
            results=[AdminUser(**_fields(record)) for record in page.items],
            **page_fields(query, cursor, page.listed, before=page.following),
        )
    )


@routes.get("/api/admin/users/{user_id}", permission="admin", response=AdminUserDetail, problems=("not_found",))
def read_user(user_id: UserId) -> Response:
    """One user with the account. Identity documents are shown by the KYC routes only."""
    record = user_lists.read(user_id)
    account = record.account
    return ok(
        AdminUserDetail(
            **_fields(record),
            balance=money_text(account.wallet_paisa),
            held=money_text(account.held_paisa),
            due=money_text(account.due_paisa),
            currency=CURRENCY,
            points=account.points,
            total_spent=money_text(account.spent_paisa),
            total_topups=money_text(account.topped_up_paisa),
            total_rentals=account.rentals_count,
            timely_returns=account.on_time_count,
            late_returns=account.late_count,
            referrals_count=account.referrals_count,
            achievements_count=account.achievements_count,
            last_rental_at=time_or_none(account.last_rental_at),
            open_rental_id=account.open_rental_id,
            due_rental_id=account.due_rental_id,
            lost_rental_ids=list(account.lost_rental_ids),
        )
    )


def _fields(record: UserRecord) -> dict[str, Any]:
    """The fields that list and detail share."""
    user, account = record.user, record.account
    return {
        "id": user.user_id,
        "email": user.email,
        "phone_number": user.phone,
        "username": user.username,
        "profile_picture": user.avatar_url,
        "referral_code": user.referral_code,
        "role": in_upper_case(account.role),
        "status": in_upper_case(account.status),
        "is_active": account.status is Status.ACTIVE,
        "date_joined": time_text(user.joined_at),
        "last_login": time_or_none(record.last_login_at),
        "profile_complete": account.profile_complete,
        "kyc_status": in_upper_case(account.kyc_status),
        "profile": AdminUserProfile(
            full_name=user.full_name,
            date_of_birth=user.date_of_birth.isoformat() if user.date_of_birth else None,
            address=user.address,
            is_profile_complete=account.profile_complete,
        ),
    }
