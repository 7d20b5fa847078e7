"""Shapes of refunds as operators send and read them."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Rupees, Time
from chalicelib.edge.models import RequestModel, ResponseModel
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case, upper_case_or_none
from functions.params import FreeText
from functions.schemas import time_or_none

Reference = Annotated[str, Field(min_length=1, max_length=255, examples=["000AWEO"])]
PayerMobile = Annotated[str, Field(pattern=r"^9[0-9]{9}$", examples=["9800000001"])]
RequestedMethod = Annotated[Literal["gateway", "wallet", "by_hand"], CaseInsensitive]


class RefundsQuery(NumberedPageQuery):
    status: Annotated[
        Literal["requested", "approved", "rejected", "processed", "failed"],
        CaseInsensitive,
        Field(description="The state of the refunds"),
    ] = "requested"


class OpenRefund(RequestModel):
    """The owner is read from the transaction's id."""

    transaction_id: Annotated[str, Field(min_length=1, max_length=100)]
    reason: FreeText


class ApproveRefund(RequestModel):
    admin_notes: FreeText | None = None
    refund_method: RequestedMethod | None = None
    reference: Reference | None = None


class RejectRefund(RequestModel):
    """At least one of the two fields holds the reason."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["reason"]}, {"required": ["admin_notes"]}]})

    reason: FreeText | None = None
    admin_notes: FreeText | None = None


class ProcessRefund(RequestModel):
    action: Annotated[Literal["approve", "reject"], CaseInsensitive]
    admin_notes: FreeText | None = None


class CloseRefund(RequestModel):
    outcome: Annotated[Literal["paid", "not_paid"], CaseInsensitive]
    admin_notes: FreeText
    refund_method: Annotated[Literal["gateway", "by_hand"], CaseInsensitive] = "gateway"
    reference: Reference | None = None
    """Needed for the outcome `paid`."""
    payer_mobile: PayerMobile | None = None
    """The payer's number, to which a refund of a payment by bank was paid by hand."""


class AdminRefund(ResponseModel):
    id: str
    user_id: str
    transaction_id: str
    amount: Rupees
    points: int
    reason: str
    status: Annotated[str, one_of_upper_case(RefundState)]
    refund_method: Annotated[str, one_of_upper_case(RefundMethod)] | None
    payment_method: str | None
    gateway_reference: str | None
    rental_id: str | None
    admin_notes: str | None
    requested_by: str
    """The id of the customer, or of the operator who requested the refund. That person can't decide it."""
    decided_by: str | None
    failure_reason: str | None
    manual_close_reason: str | None
    """Why the refund needs a manual close. `mobile_needed`: the gateway needs the payer's number."""
    payer_mobile: str | None
    needs_manual_close: bool
    """The gateway does not report the outcome: an operator must find it out and close the refund."""
    requested_at: Time
    processed_at: Time | None


class ListedRefund(AdminRefund):
    """A refund, with what now forbids the approval of a top-up's refund, or matters for it."""

    due_amount: Rupees
    """What the customer owes."""
    open_rental_id: str | None
    """The rental whose power bank the customer has."""
    lost_rental_ids: list[str]
    """The rentals whose lost power bank has not come back. Once it is paid for, it forbids no approval."""


class AdminRefundList(ResponseModel):
    results: list[ListedRefund]
    pagination: PageNumbers


def to_admin_refund(refund: Refund) -> AdminRefund:
    return AdminRefund(
        id=refund.refund_id,
        user_id=refund.user_id,
        transaction_id=refund.transaction_id,
        amount=money_text(refund.amount_paisa),
        points=refund.points,
        reason=refund.reason,
        status=in_upper_case(refund.state),
        refund_method=upper_case_or_none(refund.method),
        payment_method=upper_case_or_none(refund.gateway),
        gateway_reference=refund.reference,
        rental_id=refund.rental_id,
        admin_notes=refund.admin_notes,
        requested_by=refund.requested_by,
        decided_by=refund.decided_by,
        failure_reason=refund.failure,
        manual_close_reason=refund.manual_close_reason,
        payer_mobile=refund.payer_mobile,
        needs_manual_close=refund.needs_manual_close,
        requested_at=time_text(refund.requested_at),
        processed_at=time_or_none(refund.ended_at),
    )
