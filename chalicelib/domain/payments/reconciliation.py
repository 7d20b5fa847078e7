"""Reconciliation of one day at one gateway: one line for each payment, and totals of the lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState

MAX_REPORT_AGE = timedelta(days=7)
"""How long the service asks a gateway again for payments that the gateway did not report."""
END = "z"
"""The progress of a report that has compared every payment. It sorts after every intent id."""


class Finding(StrEnum):
    """The result of comparing a payment at the gateway with our intent."""

    MATCHED = "matched"
    OURS_ONLY = "ours_only"
    THEIRS_ONLY = "theirs_only"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


HOLDS_MONEY = frozenset({PaymentState.PAID, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED})
"""States of a payment of which the gateway has some money, or may have."""
DIFFERENT = frozenset({Finding.OURS_ONLY, Finding.THEIRS_ONLY, Finding.DIFFERS})


@dataclass(frozen=True)
class ReportLine:
    """One payment. `line_id` is our intent's id, or the gateway's reference when we have no intent.

    An amount is None when that side has no money of the payment. `theirs_paisa` leaves out `refunded_paisa`, which
    the gateway gave back; it is None where the gateway reports no such sum. `revision` is that of the report: lines
    of earlier revisions do not count.
    """

    line_id: str
    finding: Finding
    revision: int
    compared_at: datetime
    intent_id: str | None = None
    user_id: str | None = None
    ours_paisa: int | None = None
    theirs_paisa: int | None = None
    refunded_paisa: int | None = None
    our_ref: str | None = None
    their_ref: str | None = None
    our_state: str | None = None
    their_state: str | None = None
    reason: str | None = None
    version: int = 0


@dataclass(frozen=True)
class Total:
    """The number of lines with one finding, and the money of both sides in them."""

    count: int = 0
    ours_paisa: int = 0
    theirs_paisa: int = 0


class ReportState(StrEnum):
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True)
class Report:
    """The report of one gateway's day. Every intent up to the id `progress` has its line.

    `lines_count` and `totals` are those of the last count; they are final once the report is done.
    """

    day: str
    gateway: str
    started_at: datetime
    revision: int = 1
    state: ReportState = ReportState.RUNNING
    progress: str = ""
    finished_at: datetime | None = None
    totals: Mapping[str, Total] = field(default_factory=dict)
    alerted: bool = False
    """Whether the alarm about its differences has been raised."""
    version: int = 0

    @property
    def name(self) -> str:
        return f"{self.day}#{self.gateway}"

    @property
    def lines_count(self) -> int:
        return sum(total.count for total in self.totals.values())

    @property
    def all_compared(self) -> bool:
        return self.progress == END

    @property
    def differs(self) -> bool:
        return any(self.totals[finding].count for finding in DIFFERENT if finding in self.totals)

    @property
    def unknown_count(self) -> int:
        return self.totals.get(Finding.UNKNOWN, Total()).count

    def advanced(self, progress: str) -> "Report":
        """The report with `progress`, unless it is further on already."""
        return replace(self, progress=max(self.progress, progress))

    def with_totals(self, totals: Mapping[str, Total]) -> "Report":
        return replace(self, totals=dict(totals))

    @property
    def unreported_differences(self) -> bool:
        """Whether all payments are compared and their differences have raised no alarm yet."""
        return self.all_compared and self.differs and not self.alerted

    def given_up(self, now: datetime) -> bool:
        """Whether something is still unknown after MAX_REPORT_AGE."""
        return now - self.started_at > MAX_REPORT_AGE and not (self.all_compared and not self.unknown_count)

    def closed(self, now: datetime) -> "Report":
        """Marked as alerted. Also marked as done, once everything is known or the report is given up."""
        alerted = replace(self, alerted=self.alerted or self.unreported_differences)
        if self.given_up(now) or (self.all_compared and not self.unknown_count):
            return replace(alerted, state=ReportState.DONE, finished_at=now)
        return alerted

    def restarted(self, now: datetime) -> "Report":
        """A new revision that compares the day from its beginning. Lines of earlier revisions no longer count."""
        return replace(
            self,
            started_at=now,
            revision=self.revision + 1,
            state=ReportState.RUNNING,
            progress="",
            finished_at=None,
            totals={},
            alerted=False,
        )


def compare(
    intent: Intent, payment_status: PaymentStatus, *, revision: int, now: datetime, has_been_refunded: bool = False
) -> ReportLine:
    """The line of an intent, by its status at the gateway. `has_been_refunded`: we refunded some of it there."""
    credited = intent.state is IntentState.SUCCESS
    finding, reason = _finding_of(intent, payment_status, has_been_refunded=has_been_refunded)
    return ReportLine(
        intent.intent_id,
        finding,
        revision,
        now,
        intent_id=intent.intent_id,
        user_id=intent.user_id,
        ours_paisa=intent.amount_paisa if credited else None,
        theirs_paisa=payment_status.remaining_paisa,
        refunded_paisa=payment_status.refunded_paisa,
        our_ref=intent.credited_ref or intent.gateway_ref or intent.order_ref,
        their_ref=payment_status.reference,
        our_state=intent.state.value,
        their_state=payment_status.state.value,
        reason=reason,
    )


def line_of_theirs(payment: GatewayPayment, *, revision: int, now: datetime) -> ReportLine:
    """The line of a payment without an intent of ours. An unpaid one is no difference."""
    state = payment.status.state
    finding = Finding.MATCHED
    if state is PaymentState.UNKNOWN:
        finding = Finding.UNKNOWN
    elif state in HOLDS_MONEY:
        finding = Finding.THEIRS_ONLY
    return ReportLine(
        payment.reference,
        finding,
        revision,
        now,
        theirs_paisa=payment.status.remaining_paisa,
        refunded_paisa=payment.status.refunded_paisa,
        our_ref=payment.order_ref,
        their_ref=payment.status.reference or payment.reference,
        their_state=state.value,
        reason="no_intent" if state in HOLDS_MONEY else None,
    )


def _finding_of(
    intent: Intent, payment_status: PaymentStatus, *, has_been_refunded: bool
) -> tuple[Finding, str | None]:
    """The finding and its reason."""
    credited = intent.state is IntentState.SUCCESS
    if payment_status.state in (PaymentState.REFUNDED, PaymentState.PARTLY_REFUNDED) and has_been_refunded:
        return Finding.MATCHED, "refunded"
    if payment_status.state is PaymentState.UNKNOWN:
        return Finding.UNKNOWN, payment_status.reason or None
    if payment_status.state in (PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED):
        return Finding.DIFFERS if credited else Finding.THEIRS_ONLY, payment_status.state.value
    if payment_status.state is not PaymentState.PAID:
        return (
            (Finding.OURS_ONLY, payment_status.reason or payment_status.state.value)
            if credited
            else (Finding.MATCHED, None)
        )
    if payment_status.amount_paisa is None:
        return Finding.UNKNOWN, "no_amount"
    if not credited:
        return Finding.THEIRS_ONLY, intent.reason or "not_credited"
    if not payment_status.merchant_matches:
        return Finding.DIFFERS, "wrong_merchant"
    if payment_status.amount_paisa != intent.amount_paisa:
        return Finding.DIFFERS, "wrong_amount"
    if payment_status.reference != intent.credited_ref:
        return Finding.DIFFERS, "wrong_reference"
    return Finding.MATCHED, None


def merged(existing: ReportLine | None, line: ReportLine) -> ReportLine | None:
    """The line to write over `existing`. None keeps it: a known finding of the same revision stays."""
    if existing is None:
        return line
    if existing.revision == line.revision and (
        existing.finding is not Finding.UNKNOWN or line.finding is Finding.UNKNOWN
    ):
        return None
    return replace(line, version=existing.version) if existing.revision <= line.revision else None


def totals_of(lines: Iterable[ReportLine]) -> dict[str, Total]:
    """A Total for each finding, in the order of Finding. A finding without lines has an empty Total."""
    totals = {finding.value: Total() for finding in Finding}
    for line in lines:
        before = totals[line.finding]
        totals[line.finding] = Total(
            before.count + 1,
            before.ours_paisa + (line.ours_paisa or 0),
            before.theirs_paisa + (line.theirs_paisa or 0),
        )
    return totals
