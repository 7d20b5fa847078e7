"""Problem texts."""

import pytest

from chalicelib.domain.problems.problems import PROBLEM_KINDS, Problem


def test_every_problem_has_an_english_and_a_nepali_text() -> None:
    for code, kind in PROBLEM_KINDS.items():
        assert 400 <= kind.status < 600, code
        assert kind.en
        assert any("\u0900" <= letter <= "\u097f" for letter in kind.ne), code


WITH_VALUES = [
    (Problem("favorites_full", limit=100), "You have 100 favourite", "तपाईंका १०० मनपर्ने"),
    (Problem("cancel_too_late", minutes=5), "in the first 5 minutes only", "पहिलो ५ मिनेटभित्र"),
    (Problem("rental_issue_too_late", days=7), "more than 7 days ago", "सकिएको ७ दिनभन्दा"),
    (Problem("coupon_not_started", day="2026-12-01"), "from 1 Dec 2026.", "१ डिसेम्बर २०२६ देखि"),
    (Problem("packages_full", limit=50), "There are 50 packages", "५० वटा प्याकेज"),
    (Problem("operators_full", limit=200), "There are 200 staff accounts", "कर्मचारी खाता २०० वटा"),
    (Problem("achievements_full", limit=50), "There are 50 achievements", "५० वटा उपलब्धि"),
]


@pytest.mark.parametrize(("problem", "english", "nepali"), WITH_VALUES)
def test_values_are_written_into_the_text_of_a_problem(problem: Problem, english: str, nepali: str) -> None:
    assert english in problem.text("en")
    assert nepali in problem.text("ne")


def test_every_text_with_a_value_is_tested_above() -> None:
    named = {code for code, kind in PROBLEM_KINDS.items() if "{" in kind.en + kind.ne}
    assert named == {problem.code for problem, _, _ in WITH_VALUES}
