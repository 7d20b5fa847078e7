"""A day's money held against a gateway's: one line for each payment, and sums that add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.payment_gateway import Listed, Outcome, Paid
from chalicelib.domain.reconciliation import (
    ENDED,
    PATIENCE,
    Finding,
    Line,
    Report,
    ReportState,
    Total,
    compare,
    merged,
    of_theirs,
    tally,
)
from chalicelib.domain.topup import Intent, IntentState

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SUM = 50_000
OPEN = Intent("i1", "u", "khalti", SUM, "i1-1", NOW, NOW + timedelta(minutes=30))
CREDITED = replace(OPEN, state=IntentState.SUCCESS, credited_ref="t1")
PAID = Outcome(Paid.PAID, "t1", SUM)

paisa = st.integers(1, 10**9)
outcomes = st.builds(
    Outcome, st.sampled_from(Paid), st.sampled_from(["t1", "t2"]), paisa, merchant_matches=st.booleans()
)
payments = st.builds(
    lambda number, state, amount: replace(CREDITED, intent_id=f"i{number}", state=state, amount_paisa=amount),
    st.integers(0, 10**6),
    st.sampled_from(IntentState),
    paisa,
)
lists = st.builds(Listed, st.text("cs_0123456789", min_size=3), st.just(NOW), outcomes)


def found(intent: Intent, outcome: Outcome) -> tuple[Finding, str | None]:
    line = compare(intent, outcome, edition=1, now=NOW)
    return line.finding, line.reason


@pytest.mark.parametrize(
    ("intent", "outcome", "finding", "reason"),
    [
        (CREDITED, PAID, Finding.MATCHED, None),
        (OPEN, Outcome(Paid.UNPAID), Finding.MATCHED, None),
        (OPEN, Outcome(Paid.FAILED, reason="expired"), Finding.MATCHED, None),
        (OPEN, Outcome(Paid.PENDING), Finding.MATCHED, None),
        (OPEN, Outcome(Paid.REFUNDED), Finding.MATCHED, None),
        (OPEN, PAID, Finding.THEIRS_ONLY, "not_credited"),
        (
            OPEN.disputed("wrong_amount", NOW, PAID),
            replace(PAID, amount_paisa=1),
            Finding.THEIRS_ONLY,
            "wrong_amount",
        ),
        (CREDITED, Outcome(Paid.REFUNDED), Finding.OURS_ONLY, "refunded"),
        (CREDITED, Outcome(Paid.UNPAID), Finding.OURS_ONLY, "unpaid"),
        (CREDITED, Outcome(Paid.FAILED, reason="expired"), Finding.OURS_ONLY, "expired"),
        (CREDITED, replace(PAID, amount_paisa=SUM - 1), Finding.DIFFERS, "wrong_amount"),
        (CREDITED, replace(PAID, reference="t2"), Finding.DIFFERS, "wrong_reference"),
        (CREDITED, replace(PAID, merchant_matches=False), Finding.DIFFERS, "wrong_merchant"),
        (CREDITED, Outcome(Paid.UNKNOWN, reason="no_answer"), Finding.UNKNOWN, "no_answer"),
        (CREDITED, replace(PAID, amount_paisa=None), Finding.UNKNOWN, "no_amount"),
    ],
)
def test_what_two_views_come_to(intent: Intent, outcome: Outcome, finding: Finding, reason: str | None) -> None:
    assert found(intent, outcome) == (finding, reason)


@given(st.lists(st.tuples(payments, outcomes)), st.lists(lists))
def test_every_payment_is_in_one_total_and_the_sums_are_those_of_the_day(
    ours: list[tuple[Intent, Outcome]], theirs: list[Listed]
) -> None:
    lines = [compare(intent, outcome, edition=1, now=NOW) for intent, outcome in ours]
    lines += [of_theirs(one, edition=1, now=NOW) for one in theirs]
    totals = tally(lines)
    assert list(totals) == list(Finding)
    assert sum(total.count for total in totals.values()) == len(ours) + len(theirs)
    credited = [intent.amount_paisa for intent, _ in ours if intent.state is IntentState.SUCCESS]
    told = [outcome for _, outcome in ours] + [one.outcome for one in theirs]
    assert sum(total.ours_paisa for total in totals.values()) == sum(credited)
    assert sum(total.theirs_paisa for total in totals.values()) == sum(
        one.amount_paisa or 0 for one in told if one.paid is Paid.PAID
    )


@given(payments, outcomes)
def test_matched_means_the_same_money_on_both_sides(intent: Intent, outcome: Outcome) -> None:
    line = compare(intent, outcome, edition=1, now=NOW)
    if line.finding is Finding.MATCHED:
        assert line.ours_paisa == line.theirs_paisa
    else:
        assert line.finding is Finding.UNKNOWN or (line.ours_paisa, line.theirs_paisa) != (None, None)


def line(finding: Finding, edition: int = 1, version: int = 0) -> Line:
    return Line("i1", finding, edition, NOW, version=version)


def test_what_was_told_once_in_an_edition_stays_and_what_was_unknown_does_not() -> None:
    known, unknown = line(Finding.MATCHED, version=3), line(Finding.UNKNOWN, version=3)
    assert merged(None, known) == known
    assert merged(known, line(Finding.DIFFERS)) is None
    assert merged(known, line(Finding.UNKNOWN)) is None
    assert merged(unknown, line(Finding.UNKNOWN)) is None
    assert merged(unknown, line(Finding.DIFFERS)) == line(Finding.DIFFERS, version=3)
    assert merged(known, line(Finding.DIFFERS, edition=2)) == line(Finding.DIFFERS, edition=2, version=3)
    assert merged(line(Finding.MATCHED, edition=2), line(Finding.DIFFERS, edition=1)) is None


def test_a_report_is_done_when_all_is_known_or_nobody_asks_any_more() -> None:
    report = Report("2026-11-23", "khalti", NOW).moved_on(ENDED).counted(tally([line(Finding.UNKNOWN)]))
    assert report.closed(NOW).state is ReportState.RUNNING
    assert not report.given_up(NOW + PATIENCE)
    over = NOW + PATIENCE + timedelta(seconds=1)
    assert report.given_up(over)
    assert report.closed(over).state is ReportState.DONE
    known = report.counted(tally([line(Finding.MATCHED)])).closed(NOW)
    assert (known.state, known.finished_at, known.told) == (ReportState.DONE, NOW, False)


def test_differences_are_news_once_and_only_when_all_was_compared() -> None:
    report = Report("2026-11-23", "khalti", NOW).counted({Finding.OURS_ONLY: Total(1, 1, 0)})
    assert not report.has_news
    whole = report.moved_on(ENDED)
    assert whole.has_news
    assert not whole.closed(NOW).has_news
    assert whole.anew(NOW).edition == 2


def test_a_place_only_ever_moves_on() -> None:
    report = Report("2026-11-23", "khalti", NOW).moved_on("a1#x")
    assert report.moved_on("a0#z").reached == "a1#x"
    assert report.moved_on("").reached == "a1#x"
    assert report.moved_on(ENDED).all_compared
