"""What a user sees and changes of themselves: /api/user."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from chalicelib.domain.problems import Problem
from chalicelib.domain.user import Account, User
from chalicelib.edge import cursor
from chalicelib.edge.body import Asked, Listed, PageAsked, Told, body, money_text, query
from chalicelib.edge.caller import caller
from chalicelib.edge.formats import Rupees, Time, one_of
from chalicelib.edge.http import Answer, ok
from chalicelib.services import accounts, history, keeping
from chalicelib.services.accounts import Caller
from chalicelib.services.history import Line, Span
from chalicelib.services.identities import Wanted
from chalicelib.wiring import world
from functions.doors import doors
from functions.tags import Tag
from functions.views import ProfileView, Username, WalletView, profile_view, time_text, wallet_view
from functions.words import Day, FirstDay, LastDay, span_of, today

routes = doors(__name__, Tag.ACCOUNT)
NOT_BUILT_YET = 0
"""Of referrals and favourite stations, until those doors are there."""
Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Sita Gurung"])]
PhoneNumber = Annotated[str, Field(min_length=3, max_length=254, examples=["+9779841234567"])]
Email = Annotated[str, Field(min_length=3, max_length=254, examples=["sita@example.com"])]
Address = Annotated[str, Field(min_length=1, max_length=255, examples=["Patan Dhoka, Lalitpur"])]


Avatar = Annotated[str, Field(max_length=512, description="The address of an image that the caller uploaded")]


class KnownBy(Asked):
    """What a user is known by, and the proofs that a change of it needs."""

    username: Username | None = None
    phone_number: PhoneNumber | None = None
    email: Email | None = None
    verification_token: Annotated[str, Field(max_length=2048)] | None = None
    identifier_token: Annotated[str, Field(max_length=2048)] | None = None


class PutProfile(KnownBy):
    full_name: Name
    date_of_birth: Day
    address: Address
    avatar_url: Avatar | None = None
    language: Literal["en", "ne"] | None = None


class PatchProfile(KnownBy):
    full_name: Name | None = None
    date_of_birth: Day | None = None
    address: Address | None = None
    avatar_url: Avatar | None = None
    language: Literal["en", "ne"] | None = None


IDENTITIES = {"username", "phone_number", "email"}
KNOWN_BY = set(KnownBy.model_fields)
CHANGE_PROBLEMS = (
    "not_found",
    "verification_needed",
    "verification_token_invalid",
    "already_registered",
    "username_taken",
    "media_unavailable",
)


LineType = Literal["topup", "rental", "extension", "late_fee", "due", "refund", "adjustment"]
LineStatus = Literal["pending", "success", "failed", "refunded"]


class TransactionsAsked(PageAsked):
    type: Annotated[LineType, Field(description="Only transactions of this type")] | None = None
    status: Annotated[LineStatus, Field(description="Only transactions in this state")] | None = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class UsageView(Told):
    total_rentals: int
    total_spent: Rupees
    total_topups: Rupees
    total_points_earned: int
    total_referrals: int
    timely_returns: int
    late_returns: int
    favorite_stations_count: int
    last_rental_date: Time | None
    member_since: Time


class TransactionView(Told):
    id: str
    type: Annotated[str, one_of(get_args(LineType))]
    amount: Rupees
    points: int
    status: Annotated[str, one_of(get_args(LineStatus))]
    description: str
    rental_id: str | None
    intent_id: str | None
    created_at: Time


@routes.get("/api/user/profile", answer=ProfileView, problems=("not_found",))
def profile() -> Answer:
    """The full profile."""
    who = _me()
    return ok(profile_view(accounts.person(who)[0], who.account))


@routes.put("/api/user/profile", asks=PutProfile, answer=ProfileView, problems=CHANGE_PROBLEMS)
def put_profile() -> Answer:
    """Replace the profile. Username, phone number and e-mail change as with PATCH, and stay where left out."""
    who = _me()
    asked = body(routes, PutProfile)
    return _changed(who, asked, asked.model_dump(exclude=KNOWN_BY))


@routes.patch("/api/user/profile", asks=PatchProfile, answer=ProfileView, problems=CHANGE_PROBLEMS)
def patch_profile() -> Answer:
    """Change what is named.

    A new username, phone number or e-mail needs `verification_token`: a fresh proof of one the account has (purpose
    `login`). A new phone number or e-mail needs `identifier_token` too: its own proof (purpose `register`); null
    removes one while the other stays. The language of messages changes with the next refresh of the tokens.
    """
    who = _me()
    asked = body(routes, PatchProfile)
    return _changed(who, asked, asked.model_dump(exclude=KNOWN_BY, exclude_unset=True))


@routes.get("/api/user/wallet", tag=Tag.WALLET, answer=WalletView)
def wallet() -> Answer:
    """Balance, what is held and due, and points."""
    return ok(wallet_view(caller(routes).account))


@routes.get("/api/user/analytics/usage-stats", answer=UsageView, problems=("not_found",))
def usage_stats() -> Answer:
    """What the user has done so far, to the last posting.

    `total_referrals` and `favorite_stations_count` are stubs: nobody can refer or mark a favourite yet.
    """
    who = _me()
    return ok(usage_view(who.account, accounts.person(who)[0]))


@routes.get("/api/user/transactions", tag=Tag.WALLET, query=TransactionsAsked, answer=Listed[TransactionView])
def transactions() -> Answer:
    """The wallet's history, newest first."""
    asked = query(routes, TransactionsAsked)
    who = caller(routes)
    span: Span = span_of(asked.start_date, asked.end_date)

    def wanted(line: Line) -> bool:
        return asked.status in (None, line.status)

    position = cursor.opened(routes, who.user_id, asked)
    before = int(position["before"]) if position else None
    lines, following = history.transactions(
        world(), who, limit=asked.limit, before=before, wanted=wanted, kind=asked.type, span=span
    )
    following_cursor = cursor.sealed(routes, who.user_id, asked, {"before": following}) if following else None
    return ok(Listed[TransactionView].of([transaction_view(line) for line in lines], following_cursor))


def usage_view(account: Account, user: User) -> UsageView:
    return UsageView(
        total_rentals=account.rentals_count,
        total_spent=money_text(account.spent_paisa),
        total_topups=money_text(account.topped_up_paisa),
        total_points_earned=account.points_earned,
        total_referrals=NOT_BUILT_YET,
        timely_returns=account.on_time_count,
        late_returns=account.late_count,
        favorite_stations_count=NOT_BUILT_YET,
        last_rental_date=time_text(account.last_rental_at),
        member_since=time_text(user.joined_at),
    )


def transaction_view(line: Line) -> TransactionView:
    topup = line.kind == "topup"
    return TransactionView(
        id=f"{line.posting.user_id}-{line.posting.seq}",
        type=line.kind,
        amount=money_text(abs(line.wallet_paisa)),
        points=line.points,
        status=line.status,
        description=DESCRIPTIONS[line.kind],
        rental_id=None if line.kind in ("topup", "refund") else line.posting.ref,
        intent_id=line.posting.ref if topup else None,
        created_at=time_text(line.posting.at),
    )


DESCRIPTIONS = {"topup": "Wallet top-up", "rental": "Rental", "late_fee": "Late fee", "due": "Rental due"} | {
    "refund": "Refund",
}


def _me() -> Caller:
    return caller(routes, *accounts.keys_of_me(str(routes.claims()["sub"])))


def _changed(who: Caller, asked: KnownBy, change: dict[str, Any]) -> Answer:
    born = change.get("date_of_birth")
    if born is not None and born > today(world().now()):
        raise Problem("invalid_input", errors={"date_of_birth": ["is still to come"]})
    if change.get("avatar_url") is not None:
        change["avatar_url"] = keeping.avatar(world(), who, change["avatar_url"])
    named = asked.model_dump(include=IDENTITIES, exclude_unset=True)
    wanted = Wanted(named, asked.verification_token, asked.identifier_token)
    user = accounts.change_profile(world(), who, change, wanted)
    return ok(profile_view(user, who.account))
