"""A day's money as a gateway sees it, held against ours: each payment ends in one line, and lines add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.payment_gateway import Listed, Outcome, Paid
from chalicelib.domain.topup import Intent, IntentState

PATIENCE = timedelta(days=7)
"""So long a gateway is asked again for what it did not tell."""
ENDED = "z"
"""A place behind every other."""


class Finding(StrEnum):
    """What came of holding the two views against each other."""

    MATCHED = "matched"
    OURS_ONLY = "ours_only"
    THEIRS_ONLY = "theirs_only"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


DIFFERENT = frozenset({Finding.OURS_ONLY, Finding.THEIRS_ONLY, Finding.DIFFERS})


@dataclass(frozen=True)
class Line:
    """One payment. `line_id` is our intent, or their reference where we have none; an amount is None where that side
    knows of no money. `edition` is the report's at the time: lines of earlier ones are of no account."""

    line_id: str
    finding: Finding
    edition: int
    compared_at: datetime
    intent_id: str | None = None
    user_id: str | None = None
    ours_paisa: int | None = None
    theirs_paisa: int | None = None
    our_ref: str | None = None
    their_ref: str | None = None
    our_state: str | None = None
    their_state: str | None = None
    reason: str | None = None
    version: int = 0


@dataclass(frozen=True)
class Total:
    """How many lines of a finding there are, and both sides' money in them."""

    count: int = 0
    ours_paisa: int = 0
    theirs_paisa: int = 0


class ReportState(StrEnum):
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True)
class Report:
    """A gateway's day. `reached` is the place in the day up to which everything has its line.

    `lines_count` and `totals` are those of the last count; they are final once the report is done.
    """

    day: str
    gateway: str
    started_at: datetime
    edition: int = 1
    state: ReportState = ReportState.RUNNING
    reached: str = ""
    finished_at: datetime | None = None
    totals: Mapping[str, Total] = field(default_factory=dict)
    told: bool = False
    """Its differences have raised their alarm."""
    version: int = 0

    @property
    def name(self) -> str:
        return f"{self.day}#{self.gateway}"

    @property
    def lines_count(self) -> int:
        return sum(total.count for total in self.totals.values())

    @property
    def all_compared(self) -> bool:
        return self.reached == ENDED

    @property
    def differs(self) -> bool:
        return any(self.totals[finding].count for finding in DIFFERENT if finding in self.totals)

    @property
    def unknown_count(self) -> int:
        return self.totals.get(Finding.UNKNOWN, Total()).count

    def moved_on(self, reached: str) -> "Report":
        """Places only ever lie further on, whoever tells of them."""
        return replace(self, reached=max(self.reached, reached))

    def counted(self, totals: Mapping[str, Total]) -> "Report":
        return replace(self, totals=dict(totals))

    @property
    def has_news(self) -> bool:
        """All was compared, there are differences, and nobody has been told."""
        return self.all_compared and self.differs and not self.told

    def given_up(self, now: datetime) -> bool:
        """Something is not known after so long that nobody will ask again."""
        return now - self.started_at > PATIENCE and not (self.all_compared and not self.unknown_count)

    def closed(self, now: datetime) -> "Report":
        """Its differences told; and done, once all was compared and known, or was asked for long enough."""
        told = replace(self, told=self.told or self.has_news)
        if self.given_up(now) or (self.all_compared and not self.unknown_count):
            return replace(told, state=ReportState.DONE, finished_at=now)
        return told

    def anew(self, now: datetime) -> "Report":
        """To be compared once more from its beginning; what was found before no longer counts."""
        return replace(
            self,
            started_at=now,
            edition=self.edition + 1,
            state=ReportState.RUNNING,
            reached="",
            finished_at=None,
            totals={},
            told=False,
        )


def compare(intent: Intent, outcome: Outcome, *, edition: int, now: datetime, gave_back: bool = False) -> Line:
    """The line of an intent of ours, by the gateway's word on it; `gave_back`: we had it refund some of the money."""
    credited = intent.state is IntentState.SUCCESS
    finding, reason = _found(intent, outcome, gave_back=gave_back)
    return Line(
        intent.intent_id,
        finding,
        edition,
        now,
        intent_id=intent.intent_id,
        user_id=intent.user_id,
        ours_paisa=intent.amount_paisa if credited else None,
        theirs_paisa=outcome.amount_paisa if outcome.paid is Paid.PAID else None,
        our_ref=intent.credited_ref or intent.gateway_ref or intent.order_ref,
        their_ref=outcome.reference,
        our_state=intent.state.value,
        their_state=outcome.paid.value,
        reason=reason,
    )


def of_theirs(listed: Listed, *, edition: int, now: datetime) -> Line:
    """The line of a payment that no intent of ours is about: one that nobody paid is nobody's money."""
    paid = listed.outcome.paid
    finding = {Paid.PAID: Finding.THEIRS_ONLY, Paid.UNKNOWN: Finding.UNKNOWN}.get(paid, Finding.MATCHED)
    return Line(
        listed.reference,
        finding,
        edition,
        now,
        theirs_paisa=listed.outcome.amount_paisa if paid is Paid.PAID else None,
        our_ref=listed.order_ref,
        their_ref=listed.outcome.reference or listed.reference,
        their_state=paid.value,
        reason="no_intent" if paid is Paid.PAID else None,
    )


def _found(intent: Intent, outcome: Outcome, *, gave_back: bool) -> tuple[Finding, str | None]:
    """What it comes to, and why."""
    credited = intent.state is IntentState.SUCCESS
    if outcome.paid is Paid.REFUNDED and gave_back:
        return Finding.MATCHED, "refunded"
    if outcome.paid is Paid.UNKNOWN:
        return Finding.UNKNOWN, outcome.reason or None
    if outcome.paid is not Paid.PAID:
        return (Finding.OURS_ONLY, outcome.reason or outcome.paid.value) if credited else (Finding.MATCHED, None)
    if outcome.amount_paisa is None:
        return Finding.UNKNOWN, "no_amount"
    if not credited:
        return Finding.THEIRS_ONLY, intent.reason or "not_credited"
    if not outcome.merchant_matches:
        return Finding.DIFFERS, "wrong_merchant"
    if outcome.amount_paisa != intent.amount_paisa:
        return Finding.DIFFERS, "wrong_amount"
    if outcome.reference != intent.credited_ref:
        return Finding.DIFFERS, "wrong_reference"
    return Finding.MATCHED, None


def merged(known: Line | None, line: Line) -> Line | None:
    """The line to write over `known`, or None to leave it: what a gateway has told once in an edition stays."""
    if known is None:
        return line
    if known.edition == line.edition and (known.finding is not Finding.UNKNOWN or line.finding is Finding.UNKNOWN):
        return None
    return replace(line, version=known.version) if known.edition <= line.edition else None


def tally(lines: Iterable[Line]) -> dict[str, Total]:
    """The lines by finding, in the order of Finding; those with none are there, empty."""
    totals = {finding.value: Total() for finding in Finding}
    for line in lines:
        before = totals[line.finding]
        totals[line.finding] = Total(
            before.count + 1,
            before.ours_paisa + (line.ours_paisa or 0),
            before.theirs_paisa + (line.theirs_paisa or 0),
        )
    return totals
