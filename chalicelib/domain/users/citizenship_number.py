"""Normalises citizenship numbers. Nepal has no single national format, so the check is loose."""

import re

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.grouped_digits import split_groups

MIN_DIGITS, MAX_DIGITS = 4, 24


def parse_citizenship_number(text: str) -> str:
    """The number in ASCII digits. A slash stays, and any other mark between the digits becomes a hyphen.

    Raises Problem("invalid_input") for letters, and for too few or too many digits.
    """
    groups = split_groups(text)
    if groups is None or not MIN_DIGITS <= len(number_digits(groups)) <= MAX_DIGITS:
        raise Problem("invalid_input", errors={"document_number": [validation_message("document_number_format")]})
    return groups


def number_digits(number: str) -> str:
    """The digits of a number. They decide which certificate it is, and its separators do not."""
    return re.sub(r"[^0-9]", "", number)
