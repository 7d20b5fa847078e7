"""A fault on demand: the next calls to a simulated company fail."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

SILENCE = 504
"""The status of a fault that has none of its own."""
IAM = "iam"
"""The service whose fault revokes a right of a function: its `path` is the end of function and action."""


@dataclass
class Fault:
    """The next `times` calls to a service answer `status`, or hang `timeout` seconds and then answer nothing.

    With `method` or `path` only calls with that method and with that end of their path fail: a refund fails, and an
    earlier look-up does not.
    With `receiver` only calls whose body holds that text fail, such as the number or the token of one receiver.
    `code` is one of the company's own words for a failure: the company answers it in its own form, with `status` if
    that is given. Companies that send `Retry-After` send `retry_after` seconds. With `effect` the call has its effect
    before it fails.
    """

    times: int
    status: int | None = None
    timeout: float | None = None
    code: str | None = None
    effect: bool = False
    retry_after: float | None = None
    method: str | None = None
    path: str = ""
    receiver: str = ""

    def concerns(self, method: str, path: str, body: str = "") -> bool:
        """Whether a call fails."""
        return (
            self.times > 0
            and self.method in (None, method)
            and path.endswith(self.path)
            and (not self.receiver or self.receiver in body)
        )


InCompanyWords = Callable[[Fault], Response]
"""Makes a company's answer from a fault that has a `code` or an `effect`."""


def failed(fault: Fault, in_company_words: InCompanyWords | None) -> Response:
    """The answer of the company to a call that fails."""
    if in_company_words is not None and (fault.code is not None or fault.effect):
        return in_company_words(fault)
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    return Response("fault on order", status=fault.status or SILENCE, headers=headers)
