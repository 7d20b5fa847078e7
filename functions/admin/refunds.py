"""Decisions on refunds by operators: /api/admin/refunds, and the dashboard's own form of it."""

from typing import TypeVar

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.money import money_text
from chalicelib.edge.models import RequestModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.route_decorators import OnBody, P
from chalicelib.services.caller import Caller
from chalicelib.services.refunds import decisions, payouts
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.services.refunds.decisions import Approval
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.refund_schema import (
    AdminRefund,
    AdminRefundList,
    ApproveRefund,
    CloseRefund,
    ListedRefund,
    OpenRefund,
    ProcessRefund,
    RefundsQuery,
    RejectRefund,
    to_admin_refund,
)
from functions.params import RefundId
from functions.routing import blueprint
from functions.schemas import REFUND_PROBLEMS
from functions.tags import Tag

B = TypeVar("B", bound=RequestModel)
routes = blueprint(__name__, Tag.ADMIN_REFUNDS)
DECISION_PROBLEMS: tuple[ProblemCode, ...] = ("not_found", "refund_already_decided", "refund_own_request")
UNSTORED_FIELDS = ("reason", "admin_notes", "gateway_reference", "failure_reason", "payer_mobile")
APPROVAL_PROBLEMS: tuple[ProblemCode, ...] = (
    *DECISION_PROBLEMS,
    *(code for code in REFUND_PROBLEMS if code != "refund_open"),
    "account_deleted",
)


@routes.get("/api/admin/refunds/pending", permission="money", query=NumberedPageQuery, response=AdminRefundList)
def pending(query: NumberedPageQuery) -> Response:
    """Refunds that await a decision, oldest first."""
    return _list_refunds(RefundState.REQUESTED, query)


@routes.get("/api/admin/refunds", permission="money", query=RefundsQuery, response=AdminRefundList)
def list_refunds(query: RefundsQuery) -> Response:
    """Refunds in one state. Default: those that await a decision."""
    return _list_refunds(RefundState(query.status), query)


@routes.post(
    "/api/admin/refunds",
    permission="money",
    body=OpenRefund,
    response=AdminRefund,
    idempotent=True,
    unstored_fields=UNSTORED_FIELDS,
    status=201,
    problems=("not_found", *REFUND_PROBLEMS, "account_deleted"),
)
def create_on_behalf(request: OpenRefund, caller: Caller) -> Response:
    """Request a refund on behalf of a customer, also of a deleted account. Another operator decides it."""
    refund = refund_requests.request_for(world(), caller, request.transaction_id, request.reason)
    return created(to_admin_refund(refund))


def refund_action_route(
    verb: str, body: type[B], problems: tuple[ProblemCode, ...], *, idempotent: bool = False
) -> OnBody[B, P]:
    """A route that changes one refund."""
    return routes.post(
        f"/api/admin/refunds/{{refund_id}}/{verb}",
        permission="money",
        body=body,
        response=AdminRefund,
        idempotent=idempotent,
        unstored_fields=UNSTORED_FIELDS,
        problems=problems,
    )


@refund_action_route("approve", ApproveRefund, APPROVAL_PROBLEMS, idempotent=True)
def approve(request: ApproveRefund, caller: Caller, refund_id: RefundId) -> Response:
    """Approve a refund.

    A top-up goes back through its gateway. Where the gateway can't refund, an operator pays it by hand and gives a
    `reference`. A rental goes back to the wallet.
    """
    method = RefundMethod(request.refund_method) if request.refund_method else None
    approval = Approval(method, request.reference, request.admin_notes)
    return ok(to_admin_refund(decisions.approve(world(), caller, refund_id, approval)))


@refund_action_route("reject", RejectRefund, DECISION_PROBLEMS, idempotent=True)
def reject(request: RejectRefund, caller: Caller, refund_id: RefundId) -> Response:
    """Reject a refund with a reason."""
    return _reject(caller, refund_id, request.reason or request.admin_notes, "reason")


@refund_action_route("process", ProcessRefund, APPROVAL_PROBLEMS, idempotent=True)
def process(request: ProcessRefund, caller: Caller, refund_id: RefundId) -> Response:
    """Approve or reject a refund, in the form of the operators' dashboard.

    `admin_notes` is the reference of a refund that is paid by hand.
    """
    if request.action == "reject":
        return _reject(caller, refund_id, request.admin_notes, "admin_notes")
    approval = Approval(None, request.admin_notes, request.admin_notes)
    return ok(to_admin_refund(decisions.approve(world(), caller, refund_id, approval)))


@refund_action_route("close", CloseRefund, (*DECISION_PROBLEMS, "refund_in_progress"))
def close(request: CloseRefund, caller: Caller, refund_id: RefundId) -> Response:
    """Close an approved refund whose outcome the gateway does not report: as paid or as not paid."""
    paid = request.outcome == "paid"
    if paid and request.reference is None:
        raise Problem("invalid_input", errors={"reference": [validation_message("reference_missing")]})
    method = RefundMethod(request.refund_method) if paid else None
    closing = payouts.Closing(method, request.reference, request.admin_notes, request.payer_mobile)
    return ok(to_admin_refund(payouts.close(world(), caller, refund_id, closing)))


def _to_listed_refund(refund: Refund, account: Account | None) -> ListedRefund:
    return ListedRefund(
        **to_admin_refund(refund).model_dump(),
        due_amount=money_text(account.due_paisa if account else 0),
        open_rental_id=account.open_rental_id if account else None,
        lost_rental_ids=list(account.lost_rental_ids) if account else [],
    )


def _list_refunds(state: RefundState, query: NumberedPageQuery) -> Response:
    refunds, total = decisions.list_in_state(state, query.to_page())
    accounts = decisions.accounts_of(refunds)
    results = [_to_listed_refund(refund, accounts.get(refund.user_id)) for refund in refunds]
    return ok(AdminRefundList(results=results, pagination=PageNumbers.of(query, total)))


def _reject(caller: Caller, refund_id: RefundId, reason: str | None, field: str) -> Response:
    if not reason:
        raise Problem("invalid_input", errors={field: [validation_message("reason_missing")]})
    return ok(to_admin_refund(decisions.reject(world(), caller, refund_id, reason)))
