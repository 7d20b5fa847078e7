"""Validation messages of a form's fields: a code, the values that its text names, and the text in both languages."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.problems.validation_codes import ValidationCode
from chalicelib.domain.problems.validation_texts import VALIDATION_TEXTS


class ValidationMessage(NamedTuple):
    """What is wrong with one field, and what to do."""

    code: ValidationCode
    values: Mapping[str, Any]

    def text(self, language: str) -> str:
        """In Nepali for `ne`, else in English."""
        return VALIDATION_TEXTS[self.code].render(language, self.values)


class InvalidField(ValueError):
    """A field's value can't be used; the validators of request models raise it."""

    def __init__(self, code: ValidationCode, **values: Any) -> None:
        self.message = validation_message(code, **values)
        super().__init__(code)


def validation_message(code: ValidationCode, **values: Any) -> ValidationMessage:
    """The message of that code; `values` fill the braces of its text."""
    return ValidationMessage(code, values)
