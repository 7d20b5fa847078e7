"""Lists how the simulated companies fail on demand, and in which words of their own.

`POST /faults {service, code, status, effect, retry_after, times}` orders a failure. The last four are optional.
"""

from typing import Any

FAULTS: dict[str, tuple[str, str]] = {
    "alibaba_iot": (
        "iot.messagebroker.PublishMessageException | iot.messagebroker.PublishMessageFailed | "
        "iot.messagebroker.TIMEOUT | "
        "iot.messagebroker.RateLimit | Throttling.User | Iot.system.BillIsOverDue | any other code",
        "The platform answers the code. With `effect` the command reaches the cabinet first.",
    ),
    "stripe": (
        "api_error | rate_limit_error | card_error | any code of invalid_request_error",
        "Stripe answers the error. With `effect` the request is executed first, and its key keeps the error.",
    ),
    "stripe disputes": (
        "amount, or outcome won | lost, at POST /gateways/stripe/{reference}/dispute",
        "The customer's bank takes all of a payment or the amount. The outcome ends the newest dispute.",
    ),
    "fcm": (
        "QUOTA_EXCEEDED | PROJECT_QUOTA_EXCEEDED | UNREGISTERED | INVALID_ARGUMENT:DeviceTokenNotForTopic | "
        "any code and reason",
        "FCM answers its code, and Apple's reason after the colon. `retry_after` becomes the header. With "
        "`receiver` only pushes to this token fail.",
    ),
    "sparrow": ("status 429, 500 ... with `receiver`", "Only messages to this number fail."),
    "ses": ("status 429, 500 ... with `receiver`", "Only mails to this address fail."),
    "cloudinary": ("any text, with status 420, 500 ...", "Cloudinary answers the text as its error message."),
    "dynamodb": (
        "TransactionConflict | ThrottlingException | UnprocessedKeys, with `path`: the operation, or `receiver` | "
        "status 500, 400 | started with --conflict-each N, --throttle-each N, --unprocessed-each N, --short-each N",
        "A write meets a running transaction; a call is throttled; a batch read leaves out its last row. With "
        "`receiver` only calls fail whose content holds the text, such as otp#total#.",
    ),
    "listing page": (
        "POST /faults {service: dynamodb, code: ThrottlingException, path: PutItem, receiver: 'name': {'S': '24'}}",
        "The listing of page 24 can't be written, or with the path BatchGetItem can't be read: other pages go on.",
    ),
    "connections": (
        "started with --dead-connections",
        "Companies reset a connection at its second request, as after a frozen process.",
    ),
    "iam": (
        "code AccessDenied, with `path`: dynamodb:Query | Erase dynamodb:Query | any action, or function and action",
        "IAM refuses the action to the function, as it always refuses what the function's policy does not allow.",
    ),
    "khalti": (
        "outcome success_by_bank | failed at POST /gateways/khalti/{reference}/pay",
        "A payment from a bank account is refunded only with the payer's mobile. A failed payment is final.",
    ),
}


ALWAYS = {
    "policies": "A call of a function that its policy does not allow is refused with IAM's AccessDenied.",
    "visibility": "A failed message comes again after 180 s, or when its function said. The sandbox takes a tenth.",
    "timeouts": "A function is ended at the time-out that is deployed. Its messages come again.",
}
"""What AWS does and the sandbox does too, at all times."""


def listing() -> list[dict[str, Any]]:
    """All faults with their words and meanings, in the form of a cabinet's behaviours."""
    faults = [
        {"name": f"company:{service}", "values": values, "default": None, "meaning": meaning}
        for service, (values, meaning) in FAULTS.items()
    ]
    always = [
        {"name": f"aws:{name}", "values": "always", "default": "always", "meaning": meaning}
        for name, meaning in ALWAYS.items()
    ]
    return [*faults, *always]
