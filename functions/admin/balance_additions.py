"""Additions to wallets by operators: /api/admin/users/{user_id}/add-balance and /api/admin/balance-additions."""

from typing import Annotated, Literal, NewType

from pydantic import Field

from chalicelib.domain.money.balance_addition import AdditionState, BalanceAddition
from chalicelib.domain.payments.transaction_id import transaction_id
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.text.money import grouped_money_text, money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Currency, Rupees, Time
from chalicelib.edge.models import EmptyRequest, Money, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, accepted, ok
from chalicelib.services.caller import Caller
from chalicelib.services.wallet import balance_additions
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import FreeText, UserId
from functions.routing import blueprint
from functions.schemas import CURRENCY, time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_USERS)
AdditionId = NewType("AdditionId", str)
PATH = "/api/admin/balance-additions"
UNSTORED_FIELDS = ("reason", "notes")
DECISION_PROBLEMS: tuple[ProblemCode, ...] = (
    "not_found",
    "addition_already_decided",
    "addition_own_request",
    "balance_needs_super_admin",
)


class AddBalance(RequestModel):
    amount: Money
    reason: Annotated[FreeText, Field(description="The customer reads it")]


class RejectAddition(RequestModel):
    reason: FreeText


class AdditionsQuery(NumberedPageQuery):
    status: Annotated[
        Literal["pending", "applied", "rejected"], CaseInsensitive, Field(description="The state of the additions")
    ] = "pending"


class Balance(ResponseModel):
    balance: Rupees
    currency: Currency
    formatted_balance: str


class AdditionResponse(ResponseModel):
    """An addition. While it is pending no money has moved, and there are no balances and no transaction."""

    id: str
    user_id: str
    status: Annotated[str, one_of_upper_case(AdditionState)]
    amount: Rupees
    reason: str
    requested_by: str
    requested_at: Time
    decided_by: Annotated[str | None, Field(description="Null where one operator could add the money alone")]
    decided_at: Time | None
    notes: str | None
    amount_added: Rupees
    old_balance: Balance | None
    new_balance: Balance | None
    transaction_id: str | None


class AdditionsResponse(ResponseModel):
    results: list[AdditionResponse]
    pagination: PageNumbers


@routes.post(
    "/api/admin/users/{user_id}/add-balance",
    permission="money",
    body=AddBalance,
    response=AdditionResponse,
    status=(200, 202),
    idempotent=True,
    unstored_fields=UNSTORED_FIELDS,
    problems=("not_found", "account_deleted", "addition_own_request"),
)
def add_balance(request: AddBalance, caller: Caller, user_id: UserId) -> Response:
    """Add money to a customer's wallet. 202 where another operator has to approve it first.

    Above the limit of one customer and one day (NPR 10,000 unless the configuration says otherwise), two operators
    are needed, one of them a super admin.
    """
    addition = balance_additions.add(world(), caller, user_id, request.amount, request.reason)
    response = to_addition(addition)
    return accepted(response) if addition.state is AdditionState.PENDING else ok(response)


@routes.get(PATH, permission="money", query=AdditionsQuery, response=AdditionsResponse)
def list_additions(query: AdditionsQuery) -> Response:
    """Additions in one state. Default: those that await approval, the oldest first."""
    additions, total = balance_additions.list_in_state(AdditionState(query.status), query.to_page())
    results = [to_addition(addition) for addition in additions]
    return ok(AdditionsResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.post(
    f"{PATH}/{{addition_id}}/approve",
    permission="money",
    body=EmptyRequest,
    response=AdditionResponse,
    idempotent=True,
    unstored_fields=UNSTORED_FIELDS,
    problems=(*DECISION_PROBLEMS, "addition_requester_inactive", "account_deleted"),
)
def approve(caller: Caller, addition_id: AdditionId) -> Response:
    """Approve an addition that another operator requested, and add the money.

    The operator who requested it must still be active.
    """
    return ok(to_addition(balance_additions.approve(world(), caller, addition_id)))


@routes.post(
    f"{PATH}/{{addition_id}}/reject",
    permission="money",
    body=RejectAddition,
    response=AdditionResponse,
    idempotent=True,
    unstored_fields=UNSTORED_FIELDS,
    problems=DECISION_PROBLEMS,
)
def reject(request: RejectAddition, caller: Caller, addition_id: AdditionId) -> Response:
    """Reject an addition that another operator requested."""
    return ok(to_addition(balance_additions.reject(world(), caller, addition_id, request.reason)))


def to_addition(addition: BalanceAddition) -> AdditionResponse:
    after = addition.balance_after_paisa
    return AdditionResponse(
        id=addition.addition_id,
        user_id=addition.user_id,
        status=in_upper_case(addition.state),
        amount=money_text(addition.amount_paisa),
        reason=addition.reason,
        requested_by=addition.requested_by,
        requested_at=time_text(addition.requested_at),
        decided_by=addition.decided_by,
        decided_at=time_or_none(addition.decided_at),
        notes=addition.notes,
        amount_added=money_text(addition.amount_paisa if after is not None else 0),
        old_balance=None if after is None else _balance(after - addition.amount_paisa),
        new_balance=None if after is None else _balance(after),
        transaction_id=None if addition.seq is None else transaction_id(addition.user_id, addition.seq),
    )


def _balance(paisa: int) -> Balance:
    return Balance(balance=money_text(paisa), currency=CURRENCY, formatted_balance=f"NPR {grouped_money_text(paisa)}")
