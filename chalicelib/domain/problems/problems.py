"""The error that a caller reads: its status, its stable code, and its text in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, overload

from chalicelib.domain.problems.problem_codes import FinalCode, ProblemCode, ProblemKind, RetryCode
from chalicelib.domain.problems.problem_reasons import REASON_TEXTS
from chalicelib.domain.problems.problem_texts import accounts, money, promotions, rentals, requests, stations
from chalicelib.domain.problems.validation_messages import ValidationMessage
from chalicelib.domain.text.texts import Text

T = TypeVar("T")

DEFAULT_PROBLEMS_URL = "https://docs.bijuli.example/problems"
"""The page of all problems, unless a setting names another. A problem's `type` is this URL plus `#code`."""

PROBLEM_KINDS: Mapping[ProblemCode, ProblemKind] = {
    **requests.PROBLEMS,
    **accounts.PROBLEMS,
    **money.PROBLEMS,
    **rentals.PROBLEMS,
    **promotions.PROBLEMS,
    **stations.PROBLEMS,
}


class Problem(Exception):
    """A refusal that becomes an error response.

    `errors` holds validation messages by field (422 only). `retry_after_seconds` becomes the `Retry-After` header:
    codes with status 429 and 503 need it. `details` go out under `error.details`: values named `_paisa` in rupees, a
    `Reason` as its code. An undeclared code is a type error, and raises KeyError.
    """

    @overload
    def __init__(
        self,
        code: RetryCode,
        *,
        retry_after_seconds: int,
        errors: Mapping[str, Sequence[ValidationMessage]] | None = None,
        **details: Any,
    ) -> None: ...

    @overload
    def __init__(
        self,
        code: FinalCode,
        *,
        retry_after_seconds: int | None = None,
        errors: Mapping[str, Sequence[ValidationMessage]] | None = None,
        **details: Any,
    ) -> None: ...

    def __init__(
        self,
        code: ProblemCode,
        *,
        retry_after_seconds: int | None = None,
        errors: Mapping[str, Sequence[ValidationMessage]] | None = None,
        **details: Any,
    ) -> None:
        self.kind = PROBLEM_KINDS[code]
        self.code = code
        self.status = self.kind.status
        self.details = details
        self.errors = dict(errors) if errors else None
        self.retry_after_seconds = retry_after_seconds
        super().__init__(code)

    def text(self, language: str) -> str:
        """The text of the reason where it has one, else the text of the code with the details that it names."""
        reason = REASON_TEXTS.get(str(self.details.get("reason")))
        if reason:
            return reason.render(language)
        named = {name: value for name, value in self.details.items() if f"{{{name}}}" in self.kind.en}
        return Text(self.kind.en, self.kind.ne).render(language, named) if named else self.kind.text(language)

    def validation_messages(self, language: str) -> dict[str, list[str]]:
        """The texts of the validation messages, by field."""
        return {
            name: [message.text(language) for message in messages] for name, messages in (self.errors or {}).items()
        }


def must_exist(row: T | None) -> T:
    """The row. Raises Problem("not_found") for None: the request names by its id what does not exist."""
    if row is None:
        raise Problem("not_found")
    return row
