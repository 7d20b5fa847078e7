"""Problem texts."""

from chalicelib.domain.problems import PROBLEM_KINDS


def test_every_problem_has_an_english_and_a_nepali_text() -> None:
    for code, kind in PROBLEM_KINDS.items():
        assert 400 <= kind.status < 600, code
        assert kind.en
        assert any("\u0900" <= letter <= "\u097f" for letter in kind.ne), code
