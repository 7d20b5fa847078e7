"""Money of credited top-ups that went back at the payment service, for operators: /api/admin/reversals."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.payments.reversal import REASONS, Reversal, ReversalAction, ReversalState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Currency, Rupees, Time, one_of
from chalicelib.edge.models import Money, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.topups import reversal_decisions, reversals
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case, upper_case_or_none
from functions.params import FreeText, IntentId
from functions.routing import blueprint
from functions.schemas import CURRENCY, money_or_none, time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_TOPUPS)


class ReversalsQuery(NumberedPageQuery):
    status: Annotated[
        Literal["open", "decided", "ended"], CaseInsensitive, Field(description="The state of the reversals")
    ] = "open"


class AdminReversal(ResponseModel):
    intent_id: str
    user_id: str
    payment_method: str
    amount: Rupees
    """The amount of the top-up."""
    currency: Currency
    status: Annotated[str, one_of_upper_case(ReversalState)]
    reason: Annotated[str, one_of(sorted(REASONS))]
    reversed_amount: Rupees | None
    """What the payment service gave back without us. Null when it tells no sum: the decision needs an `amount`."""
    outstanding_amount: Rupees | None
    """The part of it that nobody has decided yet."""
    restored_amount: Rupees
    """What was decided and the payment service has again: `give_back` decides it."""
    action: Annotated[str, one_of_upper_case(ReversalAction)] | None
    wallet_amount: Rupees
    """What decisions took from the wallet."""
    due_amount: Rupees
    """What decisions made a due."""
    loss_amount: Rupees
    """What decisions left with the customer. `give_back` lowers these three."""
    decided_by: str | None
    found_at: Time
    decided_at: Time | None


class ReversalsResponse(ResponseModel):
    results: list[AdminReversal]
    pagination: PageNumbers


class ResolveReversal(RequestModel):
    """`amount` is needed only where `outstanding_amount` is null."""

    action: Annotated[Literal["take_back", "due", "leave", "give_back"], CaseInsensitive]
    amount: Money | None = None
    note: FreeText


@routes.get("/api/admin/reversals", permission="money", query=ReversalsQuery, response=ReversalsResponse)
def list_reversals(query: ReversalsQuery) -> Response:
    """Money of credited top-ups that went back at the payment service, newest first."""
    matching, total = reversals.list_in_state(ReversalState(query.status), query.to_page())
    results = [to_admin_reversal(reversal) for reversal in matching]
    return ok(ReversalsResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.post(
    "/api/admin/reversals/{intent_id}/resolve",
    permission="money",
    body=ResolveReversal,
    response=AdminReversal,
    problems=("not_found", "reversal_already_decided", "refund_own_request", "account_deleted"),
)
def resolve(request: ResolveReversal, caller: Caller, intent_id: IntentId) -> Response:
    """Decide who bears a reversal.

    `take_back` takes what is left in the wallet; `due` does so too and makes the rest a due, which the next top-up
    pays; `leave` takes nothing. `give_back` undoes these decisions where `restored_amount` is not zero. The note is
    recorded in the audit log.
    """
    action, amount_paisa, note = ReversalAction(request.action), request.amount, request.note
    return ok(
        to_admin_reversal(
            reversal_decisions.resolve(
                world(), caller, intent_id, action=action, amount_paisa=amount_paisa, notes=note
            )
        )
    )


def to_admin_reversal(reversal: Reversal) -> AdminReversal:
    return AdminReversal(
        intent_id=reversal.intent_id,
        user_id=reversal.user_id,
        payment_method=reversal.gateway,
        amount=money_text(reversal.topup_paisa),
        currency=CURRENCY,
        status=in_upper_case(reversal.state),
        reason=reversal.reason,
        reversed_amount=money_or_none(reversal.reversed_paisa),
        outstanding_amount=money_or_none(reversal.outstanding_paisa),
        restored_amount=money_text(reversal.restored_paisa),
        action=upper_case_or_none(reversal.action),
        wallet_amount=money_text(reversal.wallet_paisa),
        due_amount=money_text(reversal.due_paisa),
        loss_amount=money_text(reversal.loss_paisa),
        decided_by=reversal.decided_by,
        found_at=time_text(reversal.found_at),
        decided_at=time_or_none(reversal.decided_at),
    )
