"""Alarms about payments, refunds and reconciliation."""

from collections.abc import Mapping

from chalicelib.domain.operations.alarm_kinds.kind import AlarmKind, Severity
from chalicelib.domain.operations.alarms import Alarm

MONEY: Mapping[Alarm, AlarmKind] = {
    Alarm.GATEWAY_REFUSED: AlarmKind(
        Severity.URGENT,
        "A payment service rejected our request to open a payment.",
        "Read `reason`. Check the keys and the merchant account. Disable the payment method if it stays.",
    ),
    Alarm.INTENT_NEEDS_REVIEW: AlarmKind(
        Severity.SAME_DAY,
        "A top-up could not be matched with what the payment service reports. Nothing was credited.",
        "Open the list of top-ups to review, compare it with the merchant portal, and credit or reject it.",
    ),
    Alarm.MONEY_FOR_DELETED_ACCOUNT: AlarmKind(
        Severity.SAME_DAY,
        "Money arrived in the wallet of a deleted account, which nobody can spend: a late top-up, a failed refund, "
        "or the price of a lost power bank that came back.",
        "Find the payment by `intent_id`, `refund_id` or `rental_id`. Request a refund of a top-up of `user_id`, "
        "which a second operator approves. What no top-up covers, such as points, is paid by hand.",
    ),
    Alarm.PAID_NOT_CREDITED: AlarmKind(
        Severity.URGENT,
        "Reconciliation found a payment at a payment service that no wallet was credited for.",
        "Open the reconciliation report, look `intent_id` up in the merchant portal, and settle the top-up by hand.",
    ),
    Alarm.PAYMENT_REVERSED: AlarmKind(
        Severity.SAME_DAY,
        "A payment service gave back money of a top-up after the wallet was credited. The credit can still be spent.",
        "Look `intent_id` up in the merchant portal. Then decide it in the list of reversals: take back what is left "
        "in the wallet, make the rest a due, or leave it.",
    ),
    Alarm.RECONCILIATION_DIFFERS: AlarmKind(
        Severity.SAME_DAY,
        "A day's report of a payment service differs from our books.",
        "Open the report and settle each line. Run the comparison again afterwards.",
    ),
    Alarm.RECONCILIATION_UNANSWERED: AlarmKind(
        Severity.SAME_DAY,
        "A payment service did not answer every question of a day's report in time.",
        "Run the comparison of that day again. If it fails again, ask the payment service.",
    ),
    Alarm.REFUND_NEEDS_MANUAL_CLOSE: AlarmKind(
        Severity.SAME_DAY,
        "A payment service never said whether it paid a refund, or some of the payment had gone back there before.",
        "Look the refund up in the merchant portal, then close it as paid or as not paid.",
    ),
    Alarm.REFUND_PAID_AFTER_FAILURE: AlarmKind(
        Severity.URGENT,
        "A payment service paid a refund that was already returned to the wallet: the customer has it twice.",
        "Check the wallet of the customer, and take the sum back by a correction if it is still there.",
    ),
    Alarm.REVERSED_MONEY_RESTORED: AlarmKind(
        Severity.SAME_DAY,
        "A payment service has money of a reversed top-up again, which an operator took from the customer: a dispute "
        "was won, for example.",
        "Look `intent_id` up in the merchant portal. Then decide it in the list of reversals with `give_back`.",
    ),
}
