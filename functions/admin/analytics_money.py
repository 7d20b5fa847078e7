"""Revenue and payments by day, week or month, for operators: /api/admin/analytics."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.analytics.day_facts import TOPUP_PAISA, TRANSACTIONS
from chalicelib.domain.analytics.report_period import share
from chalicelib.domain.configuration.gateway_registry import GATEWAYS
from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.edge.formats import Currency, DayText
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.analytics import reports
from chalicelib.services.analytics.reports import Report
from chalicelib.wiring import world
from functions.admin.analytics_forms import (
    Percent,
    ReportQuery,
    ReportSpanResponse,
    RupeeNumber,
    entry_fields,
    rupee_number,
    span_fields,
)
from functions.admin.upper_case import in_upper_case
from functions.routing import blueprint
from functions.schemas import CURRENCY
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ANALYTICS)
KINDS = ("rental", "due", "late_fee", "forfeited")


class RevenueEntry(ResponseModel):
    date: DayText
    label: str
    total_revenue: Annotated[float, Field(description="NPR: rentals, dues, late fees and forfeited balances")]
    rental_revenue: RupeeNumber
    rental_due_revenue: RupeeNumber
    topup_revenue: Annotated[float, Field(description="NPR paid into wallets. No revenue until it is spent")]
    fine_revenue: Annotated[float, Field(description="NPR of late fees")]
    forfeited_revenue: RupeeNumber
    transaction_count: Annotated[int, Field(description="Postings that moved revenue, and top-ups")]


class RevenueResponse(ReportSpanResponse):
    csv_summed_columns = tuple(name for name in RevenueEntry.model_fields if name not in ("date", "label"))
    currency: Currency
    total_revenue: RupeeNumber
    chart_data: list[RevenueEntry]


class GatewayPayments(ResponseModel):
    """Top-ups that customers began in the period, by their result so far."""

    payment_method: str
    success_count: int
    failed_count: int
    cancelled_count: int
    pending_count: int
    disputed_count: int
    success_amount: RupeeNumber
    success_rate: Percent


class PaymentsEntry(ResponseModel):
    date: DayText
    label: str
    total_count: int
    success_count: int
    success_amount: RupeeNumber


class PaymentsResponse(ReportSpanResponse):
    csv_summed_columns = ("total_count", "success_count", "success_amount")
    currency: Currency
    total_count: int
    success_count: int
    success_amount: RupeeNumber
    success_rate: Percent
    payment_methods: list[GatewayPayments]
    chart_data: list[PaymentsEntry]


@routes.get("/api/admin/analytics/revenue", permission="admin", query=ReportQuery, response=RevenueResponse)
def revenue(query: ReportQuery) -> Response:
    """Revenue by kind, net of what went back, and top-ups."""
    report = reports.of_period(world(), query.period, query.start_date, query.end_date)
    entries = [
        RevenueEntry(**entry_fields(report.span, first), **_revenue_fields(counts))
        for first, counts in report.entries.items()
    ]
    return ok(
        RevenueResponse(
            **span_fields(report.span),
            currency=CURRENCY,
            total_revenue=rupee_number(sum(report.total(f"revenue.{kind}") for kind in KINDS)),
            chart_data=entries,
        )
    )


@routes.get("/api/admin/analytics/payments", permission="admin", query=ReportQuery, response=PaymentsResponse)
def payments(query: ReportQuery) -> Response:
    """Top-ups by payment gateway and result."""
    report = reports.of_period(world(), query.period, query.start_date, query.end_date)
    total: Counter[str] = sum(report.entries.values(), Counter())
    return ok(
        PaymentsResponse(
            **span_fields(report.span),
            currency=CURRENCY,
            **_total_fields(total),
            success_rate=share(_count(total, IntentState.SUCCESS), _count(total)),
            payment_methods=[_to_gateway_payments(gateway, total) for gateway in GATEWAYS],
            chart_data=_payment_entries(report),
        )
    )


def revenue_paisa(counts: Mapping[str, int]) -> int:
    """The revenue of all kinds."""
    return sum(counts.get(f"revenue.{kind}", 0) for kind in KINDS)


def _revenue_fields(counts: Counter[str]) -> dict[str, Any]:
    return {
        "total_revenue": rupee_number(revenue_paisa(counts)),
        "rental_revenue": rupee_number(counts["revenue.rental"]),
        "rental_due_revenue": rupee_number(counts["revenue.due"]),
        "topup_revenue": rupee_number(counts[TOPUP_PAISA]),
        "fine_revenue": rupee_number(counts["revenue.late_fee"]),
        "forfeited_revenue": rupee_number(counts["revenue.forfeited"]),
        "transaction_count": counts[TRANSACTIONS],
    }


def _payment_entries(report: Report) -> list[PaymentsEntry]:
    return [
        PaymentsEntry(**entry_fields(report.span, first), **_total_fields(counts))
        for first, counts in report.entries.items()
    ]


def _total_fields(counts: Mapping[str, int]) -> dict[str, Any]:
    paisa = sum(counts.get(f"payments.{gateway}.{IntentState.SUCCESS}.paisa", 0) for gateway in GATEWAYS)
    return {
        "total_count": _count(counts),
        "success_count": _count(counts, IntentState.SUCCESS),
        "success_amount": rupee_number(paisa),
    }


def _count(counts: Mapping[str, int], *states: IntentState) -> int:
    """How many top-ups ended in one of `states`; all without any state."""
    return sum(
        counts.get(f"payments.{gateway}.{state}", 0) for gateway in GATEWAYS for state in (states or IntentState)
    )


def _to_gateway_payments(gateway: str, counts: Mapping[str, int]) -> GatewayPayments:
    by_state = {state: counts.get(f"payments.{gateway}.{state}", 0) for state in IntentState}
    return GatewayPayments(
        payment_method=in_upper_case(gateway),
        success_count=by_state[IntentState.SUCCESS],
        failed_count=by_state[IntentState.FAILED],
        cancelled_count=by_state[IntentState.CANCELLED],
        pending_count=by_state[IntentState.PENDING],
        disputed_count=by_state[IntentState.NEEDS_REVIEW],
        success_amount=rupee_number(counts.get(f"payments.{gateway}.{IntentState.SUCCESS}.paisa", 0)),
        success_rate=share(by_state[IntentState.SUCCESS], sum(by_state.values())),
    )
