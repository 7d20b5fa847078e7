"""Refunds as operators decide them: /api/admin/refunds, and the words the operators' dashboard uses for it."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, RefundState, Way
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Rupees, Time, in_capitals
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, created, money_text, ok
from chalicelib.edge.routes import View
from chalicelib.services.refunds import decisions, payouts
from chalicelib.services.refunds import requests as refund_requests
from chalicelib.services.refunds.decisions import Grant
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageAsked, PageNumbers, page_numbers
from functions.customer.refunds import REFUSALS
from functions.params import EitherCase
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_REFUNDS)
DECIDING = ("not_found", "refund_already_decided", "refund_own_request")
WORDS = ("reason", "admin_notes", "gateway_reference", "failure_reason")
GRANTING = (*DECIDING, *(code for code in REFUSALS if code != "refund_open"), "account_deleted")


Notes = Annotated[str, Field(min_length=1, max_length=500)]
Reference = Annotated[str, Field(min_length=1, max_length=255, examples=["000AWEO"])]
AskedWay = Annotated[Literal["gateway", "wallet", "by_hand"], EitherCase]


class RefundsAsked(NumberedPageAsked):
    status: Annotated[
        Literal["requested", "approved", "rejected", "processed", "failed"],
        EitherCase,
        Field(description="The state of the refunds"),
    ] = "requested"


class OpenRefund(Asked):
    """A transaction's id says whose it is."""

    transaction_id: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Notes


class ApproveRefund(Asked):
    admin_notes: Notes | None = None
    way: AskedWay | None = None
    reference: Reference | None = None


class RejectRefund(Asked):
    """One of the two says why."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["reason"]}, {"required": ["admin_notes"]}]})

    reason: Notes | None = None
    admin_notes: Notes | None = None


class ProcessRefund(Asked):
    action: Annotated[Literal["approve", "reject"], EitherCase]
    admin_notes: Notes | None = None


class CloseRefund(Asked):
    outcome: Annotated[Literal["paid", "not_paid"], EitherCase]
    admin_notes: Notes
    way: Annotated[Literal["gateway", "by_hand"], EitherCase] = "gateway"
    reference: Reference | None = None


class OperatorsRefund(Told):
    id: str
    user_id: str
    transaction_id: str
    amount: Rupees
    points: int
    reason: str
    status: Annotated[str, in_capitals(RefundState)]
    way: Annotated[str, in_capitals(Way)] | None
    payment_method: str | None
    gateway_reference: str | None
    rental_id: str | None
    admin_notes: str | None
    requested_by: str
    """The customer, or an operator for them: whoever it is does not decide."""
    decided_by: str | None
    failure_reason: str | None
    needs_closing: bool
    """No look-up tells what became of it: an operator must find out, and close it."""
    requested_at: Time
    processed_at: Time | None


class OperatorsRefunds(Told):
    results: list[OperatorsRefund]
    pagination: PageNumbers


@routes.get("/api/admin/refunds/pending", right="money", query=NumberedPageAsked, answer=OperatorsRefunds)
def pending() -> Answer:
    """Refunds that wait for a decision, oldest first."""
    caller(routes)
    asked = query(routes, NumberedPageAsked)
    return _listed(RefundState.REQUESTED, asked)


@routes.get("/api/admin/refunds", right="money", query=RefundsAsked, answer=OperatorsRefunds)
def listed() -> Answer:
    """Refunds in a state: those to decide when none is named."""
    caller(routes)
    asked = query(routes, RefundsAsked)
    return _listed(RefundState(asked.status), asked)


@routes.post(
    "/api/admin/refunds",
    right="money",
    asks=OpenRefund,
    answer=OperatorsRefund,
    idempotent=True,
    words=WORDS,
    status=201,
    problems=("not_found", *REFUSALS, "account_deleted"),
)
def open_for_them() -> Answer:
    """Ask for a payment back in a customer's place, or for an account that is gone: another operator decides."""
    asked = body(routes, OpenRefund)
    who = caller(routes)
    return created(operators_view(refund_requests.request_for(world(), who, asked.transaction_id, asked.reason)))


def _decides(
    verb: str, asks: type[Asked], problems: tuple[str, ...], *, idempotent: bool = False
) -> Callable[[View], View]:
    """A door of one refund."""
    path = f"/api/admin/refunds/{{refund_id}}/{verb}"
    return routes.post(
        path,
        right="money",
        asks=asks,
        answer=OperatorsRefund,
        idempotent=idempotent,
        words=WORDS,
        problems=problems,
    )


@_decides("approve", ApproveRefund, GRANTING, idempotent=True)
def approve(refund_id: str) -> Answer:
    """Grant a refund: to the gateway where it can, else by hand with a reference; a rental's to the wallet."""
    asked = body(routes, ApproveRefund)
    grant = Grant(Way(asked.way) if asked.way else None, asked.reference, asked.admin_notes)
    return ok(operators_view(decisions.approve(world(), caller(routes), path_text(refund_id), grant)))


@_decides("reject", RejectRefund, DECIDING, idempotent=True)
def reject(refund_id: str) -> Answer:
    """Refuse a refund, saying why."""
    asked = body(routes, RejectRefund)
    return _reject(refund_id, asked.reason or asked.admin_notes, "reason")


@_decides("process", ProcessRefund, GRANTING, idempotent=True)
def process(refund_id: str) -> Answer:
    """Approve or reject as the dashboard says it; where a person pays, its notes are the reference."""
    asked = body(routes, ProcessRefund)
    if asked.action == "reject":
        return _reject(refund_id, asked.admin_notes, "admin_notes")
    grant = Grant(None, asked.admin_notes, asked.admin_notes)
    return ok(operators_view(decisions.approve(world(), caller(routes), path_text(refund_id), grant)))


@_decides("close", CloseRefund, (*DECIDING, "refund_in_progress"))
def close(refund_id: str) -> Answer:
    """End an approved refund that no look-up could: by what the operator found out."""
    asked = body(routes, CloseRefund)
    paid = asked.outcome == "paid"
    if paid and asked.reference is None:
        raise Problem("invalid_input", errors={"reference": ["needed where it was paid"]})
    who, known = caller(routes), path_text(refund_id)
    way = Way(asked.way) if paid else None
    ended = payouts.close(world(), who, known, way=way, reference=asked.reference, notes=asked.admin_notes)
    return ok(operators_view(ended))


def operators_view(refund: Refund) -> OperatorsRefund:
    return OperatorsRefund(
        id=refund.refund_id,
        user_id=refund.user_id,
        transaction_id=refund.transaction_id,
        amount=money_text(refund.amount_paisa),
        points=refund.points,
        reason=refund.reason,
        status=refund.state.value.upper(),
        way=refund.way.value.upper() if refund.way else None,
        payment_method=refund.gateway.upper() if refund.gateway else None,
        gateway_reference=refund.reference,
        rental_id=refund.rental_id,
        admin_notes=refund.admin_notes,
        requested_by=refund.requested_by,
        decided_by=refund.decided_by,
        failure_reason=refund.failure,
        needs_closing=refund.left_to_a_person,
        requested_at=time_text(refund.requested_at),
        processed_at=time_text(refund.ended_at),
    )


def _listed(state: RefundState, asked: NumberedPageAsked) -> Answer:
    found, total = decisions.listed(world(), state=state, page=asked.page, page_size=asked.page_size)
    numbers = page_numbers(asked.page, asked.page_size, total)
    return ok(OperatorsRefunds(results=[operators_view(one) for one in found], pagination=numbers))


def _reject(refund_id: str, why: str | None, field: str) -> Answer:
    who = caller(routes)
    if not why:
        raise Problem("invalid_input", errors={field: ["needed to reject"]})
    return ok(operators_view(decisions.reject(world(), who, path_text(refund_id), why)))
