"""A day's payments compared with a gateway's: one line for each, and correct totals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation import END, MAX_REPORT_AGE, Report, ReportState, Total, totals_of
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine, compare, line_of_theirs, merged
from chalicelib.domain.payments.topup_intent import Intent, IntentState

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
AMOUNT_PAISA = 50_000
OPEN = Intent("i1", "u", "khalti", AMOUNT_PAISA, "i1-1", NOW, NOW + timedelta(minutes=30))
CREDITED = replace(OPEN, state=IntentState.SUCCESS, credited_ref="t1")
PAID = PaymentStatus(PaymentState.PAID, "t1", AMOUNT_PAISA)

paisa = st.integers(1, 10**9)
payment_statuses = st.builds(
    PaymentStatus, st.sampled_from(PaymentState), st.sampled_from(["t1", "t2"]), paisa, merchant_matches=st.booleans()
)
intents = st.builds(
    lambda number, state, amount: replace(CREDITED, intent_id=f"i{number}", state=state, amount_paisa=amount),
    st.integers(0, 10**6),
    st.sampled_from(IntentState),
    paisa,
)
gateway_payments = st.builds(GatewayPayment, st.text("cs_0123456789", min_size=3), st.just(NOW), payment_statuses)


def finding_and_reason(intent: Intent, payment_status: PaymentStatus) -> tuple[Finding, str | None]:
    line = compare(intent, payment_status, revision=1, now=NOW)
    return line.finding, line.reason


@pytest.mark.parametrize(
    ("intent", "payment_status", "finding", "reason"),
    [
        (CREDITED, PAID, Finding.MATCHED, None),
        (OPEN, PaymentStatus(PaymentState.UNPAID), Finding.MATCHED, None),
        (OPEN, PaymentStatus(PaymentState.FAILED, reason="expired"), Finding.MATCHED, None),
        (OPEN, PaymentStatus(PaymentState.PENDING), Finding.MATCHED, None),
        (OPEN, PaymentStatus(PaymentState.REFUNDED), Finding.MATCHED, None),
        (OPEN, PaymentStatus(PaymentState.PARTLY_REFUNDED), Finding.THEIRS_ONLY, "partly_refunded"),
        (OPEN, PaymentStatus(PaymentState.DISPUTED), Finding.THEIRS_ONLY, "disputed"),
        (CREDITED, PaymentStatus(PaymentState.PARTLY_REFUNDED), Finding.DIFFERS, "partly_refunded"),
        (CREDITED, PaymentStatus(PaymentState.DISPUTED), Finding.DIFFERS, "disputed"),
        (OPEN, PAID, Finding.THEIRS_ONLY, "not_credited"),
        (
            OPEN.sent_to_review("wrong_amount", NOW, PAID),
            replace(PAID, amount_paisa=1),
            Finding.THEIRS_ONLY,
            "wrong_amount",
        ),
        (CREDITED, PaymentStatus(PaymentState.REFUNDED), Finding.OURS_ONLY, "refunded"),
        (CREDITED, PaymentStatus(PaymentState.UNPAID), Finding.OURS_ONLY, "unpaid"),
        (CREDITED, PaymentStatus(PaymentState.FAILED, reason="expired"), Finding.OURS_ONLY, "expired"),
        (CREDITED, replace(PAID, amount_paisa=AMOUNT_PAISA - 1), Finding.DIFFERS, "wrong_amount"),
        (CREDITED, replace(PAID, reference="t2"), Finding.DIFFERS, "wrong_reference"),
        (CREDITED, replace(PAID, merchant_matches=False), Finding.DIFFERS, "wrong_merchant"),
        (CREDITED, PaymentStatus(PaymentState.UNKNOWN, reason="no_answer"), Finding.UNKNOWN, "no_answer"),
        (CREDITED, replace(PAID, amount_paisa=None), Finding.UNKNOWN, "no_amount"),
    ],
)
def test_an_intent_and_a_payment_status_give_one_finding(
    intent: Intent, payment_status: PaymentStatus, finding: Finding, reason: str | None
) -> None:
    assert finding_and_reason(intent, payment_status) == (finding, reason)


@given(st.lists(st.tuples(intents, payment_statuses)), st.lists(gateway_payments))
def test_every_payment_is_in_one_total_and_sums_match_the_day(
    ours: list[tuple[Intent, PaymentStatus]], theirs: list[GatewayPayment]
) -> None:
    lines = [compare(intent, payment_status, revision=1, now=NOW) for intent, payment_status in ours]
    lines += [line_of_theirs(payment, revision=1, now=NOW) for payment in theirs]
    totals = totals_of(lines)
    assert list(totals) == list(Finding)
    assert sum(total.count for total in totals.values()) == len(ours) + len(theirs)
    credited = [intent.amount_paisa for intent, _ in ours if intent.state is IntentState.SUCCESS]
    all_statuses = [payment_status for _, payment_status in ours] + [payment.status for payment in theirs]
    assert sum(total.ours_paisa for total in totals.values()) == sum(credited)
    assert sum(total.theirs_paisa for total in totals.values()) == sum(
        payment_status.remaining_paisa or 0
        for payment_status in all_statuses
        if payment_status.state in (PaymentState.PAID, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED)
    )


def test_a_partly_refunded_payment_has_a_line_with_its_sums() -> None:
    payment_status = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", AMOUNT_PAISA, refunded_paisa=12_000)
    line = compare(OPEN, payment_status, revision=1, now=NOW)
    assert (line.ours_paisa, line.theirs_paisa, line.refunded_paisa) == (None, AMOUNT_PAISA - 12_000, 12_000)
    theirs = line_of_theirs(GatewayPayment("cs_1", NOW, payment_status), revision=1, now=NOW)
    assert (theirs.finding, theirs.theirs_paisa, theirs.refunded_paisa) == (
        Finding.THEIRS_ONLY,
        AMOUNT_PAISA - 12_000,
        12_000,
    )


@given(intents, payment_statuses)
def test_matched_means_the_same_money_on_both_sides(intent: Intent, payment_status: PaymentStatus) -> None:
    line = compare(intent, payment_status, revision=1, now=NOW)
    if line.finding is Finding.MATCHED:
        assert line.ours_paisa == line.theirs_paisa
    else:
        assert line.finding is Finding.UNKNOWN or (line.ours_paisa, line.theirs_paisa) != (None, None)


def line(finding: Finding, revision: int = 1, version: int = 0) -> ReportLine:
    return ReportLine("i1", finding, revision, NOW, version=version)


def test_a_decided_line_of_a_revision_stays_and_an_unknown_one_changes() -> None:
    matched_line, unknown_line = line(Finding.MATCHED, version=3), line(Finding.UNKNOWN, version=3)
    assert merged(None, matched_line) == matched_line
    assert merged(matched_line, line(Finding.DIFFERS)) is None
    assert merged(matched_line, line(Finding.UNKNOWN)) is None
    assert merged(unknown_line, line(Finding.UNKNOWN)) is None
    assert merged(unknown_line, line(Finding.DIFFERS)) == line(Finding.DIFFERS, version=3)
    assert merged(matched_line, line(Finding.DIFFERS, revision=2)) == line(Finding.DIFFERS, revision=2, version=3)
    assert merged(line(Finding.MATCHED, revision=2), line(Finding.DIFFERS, revision=1)) is None


def test_a_report_is_done_when_complete_or_given_up() -> None:
    report = Report("2026-11-23", "khalti", NOW).advanced(END).with_totals(totals_of([line(Finding.UNKNOWN)]))
    assert report.closed(NOW).state is ReportState.RUNNING
    assert not report.given_up(NOW + MAX_REPORT_AGE)
    after_max_age = NOW + MAX_REPORT_AGE + timedelta(seconds=1)
    assert report.given_up(after_max_age)
    assert report.closed(after_max_age).state is ReportState.DONE
    done_report = report.with_totals(totals_of([line(Finding.MATCHED)])).closed(NOW)
    assert (done_report.state, done_report.finished_at, done_report.alerted) == (ReportState.DONE, NOW, False)


def test_differences_are_alarmed_once_after_the_whole_comparison() -> None:
    report = Report("2026-11-23", "khalti", NOW).with_totals({Finding.OURS_ONLY: Total(1, 1, 0)})
    assert not report.unreported_differences
    whole = report.advanced(END)
    assert whole.unreported_differences
    assert not whole.closed(NOW).unreported_differences
    assert whole.restarted(NOW).revision == 2


def test_progress_only_advances() -> None:
    report = Report("2026-11-23", "khalti", NOW).advanced("a1#x")
    assert report.advanced("a0#z").progress == "a1#x"
    assert report.advanced("").progress == "a1#x"
    assert report.advanced(END).all_compared
