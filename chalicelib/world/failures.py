"""How a call to an external service can fail, by what is certain about its effect."""


class Unavailable(Exception):
    """The service was not reached, or it failed before the call took effect.

    Raised only where the call surely had no effect, or where the same call may be made again without harm. `what`
    names the service; `retry_after_seconds` is a hint for the caller.
    """

    def __init__(self, what: str, retry_after_seconds: int = 30) -> None:
        self.what = what
        self.retry_after_seconds = retry_after_seconds
        super().__init__(what)


class ReceiverUnavailable(Unavailable):
    """The service can't serve this receiver now. It says nothing about any other receiver."""


class UnreadableBatch(Unavailable):
    """The answer with several messages can't be read. One of them may be the cause; all are delivered again."""


class CredentialsRejected(Unavailable):
    """The service refused our credentials. The call had no effect; an operator has to mend the configuration."""


class OutcomeUnknown(Exception):
    """The call may have taken effect: it timed out, or its answer was broken."""


class Rejected(Exception):
    """The service refused the call for good: the same call will fail again. `reason` is the vendor's code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class InvalidMessage(Exception):
    """The service can't take this message for any receiver: our own mistake. `reason` is the vendor's code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
