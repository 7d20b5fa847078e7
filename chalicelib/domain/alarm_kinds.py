"""How urgent every alarm is, what it means and what an operator does.

The deployment template and `docs/runbook.md` are made from this table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.alarms import Alarm


class Severity(StrEnum):
    """How soon a person must act."""

    URGENT = "urgent"
    """At once: customers can't sign in, pay or rent, or an attack is possible."""
    SAME_DAY = "same_day"
    """Within the working day: one customer, one station or one sum of money waits for a person."""


class AlarmKind(NamedTuple):
    """What an alarm always means, and the first steps of the person who receives it."""

    severity: Severity
    meaning: str
    action: str


ALARM_KINDS: Mapping[Alarm, AlarmKind] = {
    Alarm.AUDIT_UNFINISHED: AlarmKind(
        Severity.SAME_DAY,
        "The audit that started the night before has not finished, so no new one could start.",
        "Read the errors of the function `audit_ledger`. It continues from its checkpoints each minute.",
    ),
    Alarm.AUDIT_VIOLATION: AlarmKind(
        Severity.URGENT,
        "The stored rows break a rule of the ledger, of rentals, of custody or of identities. Two equal readings "
        "showed it, so that concurrent requests don't explain it.",
        "Read `rule` and `about` in the log, and `GET /api/admin/system/audit`. Stop refunds and manual corrections "
        "of that account until the cause is known. Compare the account's postings with its balance.",
    ),
    Alarm.CABINET_HTTP_CONTRADICTED: AlarmKind(
        Severity.SAME_DAY,
        "A call over HTTP says that `powerbank_sn` came into slot `slot_number` of station `sn`, which holds another "
        "power bank by what the cabinet sent over MQTT, or does not exist. The call changed nothing.",
        "Anybody can forge such a call. Read the cabinet's entries in the event log: if there are many, somebody "
        "tries to end a rental without a return. Look who has the power bank, and keep the address of the calls.",
    ),
    Alarm.CABINET_UNKNOWN: AlarmKind(
        Severity.SAME_DAY,
        "A cabinet with this `imei` sends messages, and no station has it.",
        "Register the station, or ask the platform why a foreign cabinet reaches our queue. Then redrive the "
        "dead-letter queue of device events.",
    ),
    Alarm.EJECT_ANSWER_FOREIGN: AlarmKind(
        Severity.SAME_DAY,
        "Station `sn` reports an eject of a power bank that only another station was to eject. The report "
        "changed nothing.",
        "Compare the cabinet's IMEI with its station. Two cabinets may be registered the wrong way round, or "
        "somebody forges messages. Look for `powerbank_sn` at both stations.",
    ),
    Alarm.EJECT_UNRESOLVED: AlarmKind(
        Severity.SAME_DAY,
        "A rental was released because no evidence showed in time whether the power bank came out.",
        "Look for `powerbank_sn` in the station's slots. If one station does this often, put it into maintenance.",
    ),
    Alarm.EJECT_WITHOUT_RENTAL: AlarmKind(
        Severity.SAME_DAY,
        "A cabinet reports an eject of `powerbank_sn`, and no recent rental asked for it.",
        "Check whether staff ejected it on site. If they did not, the power bank may be stolen.",
    ),
    Alarm.ENVELOPE_INVALID: AlarmKind(
        Severity.SAME_DAY,
        "A message from the device platform could not be parsed. The whole message is in the poison queue.",
        "Read `reason` and the message in the poison queue. Many of them mean that the platform changed its format.",
    ),
    Alarm.FRAME_DAMAGED: AlarmKind(
        Severity.SAME_DAY,
        "A frame of station `sn` had a wrong checksum. It moved no power bank. The service asked for a snapshot.",
        "A few of them do no harm. If one station sends many, its returns are not recorded: check its modem and "
        "cables, and compare its slots with the stored ones.",
    ),
    Alarm.GATEWAY_REFUSED: AlarmKind(
        Severity.URGENT,
        "A payment service rejected our request to open a payment.",
        "Read `reason`. Check the keys and the merchant account. Disable the payment method if it stays.",
    ),
    Alarm.INBOX_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "The queue of the device platform does not answer, so returns and ejects reach us late.",
        "Check the status page of the platform and our access key. Messages wait there until it answers.",
    ),
    Alarm.INTENT_NEEDS_REVIEW: AlarmKind(
        Severity.SAME_DAY,
        "A top-up could not be matched with what the payment service reports. Nothing was credited.",
        "Open the list of top-ups to review, compare it with the merchant portal, and credit or reject it.",
    ),
    Alarm.KEYS_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "KMS or SSM (`about`) does not answer: documents can't be read, or new processes lack their secrets.",
        "Check the status of the service, the state of the key, and the rights of the function.",
    ),
    Alarm.LISTING_PAGE_FAILED: AlarmKind(
        Severity.SAME_DAY,
        "One page of stations could not be written or read. The app shows its stations as they were before, and its "
        "silent cabinets are not checked. The other pages are current.",
        "Read `about`, the page, and `error` in the log. One station or cabinet row of the page may be damaged. If "
        "the error says that no time is left, give the schedule `refresh_stations` more memory.",
    ),
    Alarm.MAIL_PROVIDER_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "SES does not answer, so customers can't sign in by email.",
        "Check the SES status and sending quota. The queue sends codes later, and drops expired ones.",
    ),
    Alarm.MESSAGE_POISON: AlarmKind(
        Severity.SAME_DAY,
        "A queue message can never be processed. It goes to the dead-letter queue.",
        "Read `reason`, correct the cause, then redrive or delete the message.",
    ),
    Alarm.MESSAGE_STUCK: AlarmKind(
        Severity.SAME_DAY,
        "An outbox message was sent many times, and its consumer has not confirmed it.",
        "Look at the dead-letter queue and at the logs of the consumer of `queue`.",
    ),
    Alarm.MONEY_FOR_DELETED_ACCOUNT: AlarmKind(
        Severity.SAME_DAY,
        "Money arrived in the wallet of a deleted account, which nobody can spend.",
        "Find the payment by `intent_id` or `refund_id`, and refund it by hand.",
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
    Alarm.PLATFORM_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "The device platform does not answer, so no power bank can be ejected.",
        "Check the status page of the platform and our access key.",
    ),
    Alarm.POWERBANK_IN_TWO_PLACES: AlarmKind(
        Severity.SAME_DAY,
        "The cabinet of station `sn` lists a power bank that is elsewhere. No rental changed.",
        "Look into the slots of station `sn`. Either the cabinet repeats an old list: restart it. Or two power banks "
        "have one serial number: take one of them out of use. Or the customer of `rental_id` did return it.",
    ),
    Alarm.POWERBANK_QUARANTINED: AlarmKind(
        Severity.SAME_DAY,
        "A station holds a power bank that is not registered. It can't be rented.",
        "Register `powerbank_sn`, or remove it from station `sn`.",
    ),
    Alarm.POWERBANK_VANISHED: AlarmKind(
        Severity.SAME_DAY,
        "A power bank is no longer in slot `slot_number`, and its own rentals do not explain that. The cabinet may "
        "have opened this slot for the eject of `rental_id`, whose own power bank is still in its slot.",
        "Look at station `sn` on site. With one `rental_id`, ask `user_id`: the return of the power bank ends that "
        "rental. With several, find out who has it. Put a station that opens wrong slots into maintenance.",
    ),
    Alarm.PUSH_CREDENTIALS_REJECTED: AlarmKind(
        Severity.URGENT,
        "Firebase rejects our service account, or Apple rejects the APNs key, the bundle id or the environment. "
        "Pushes of that platform reach no phone.",
        "Read `reason`. Renew the service account or the APNs key in the Firebase console and in the secrets. After "
        "`DeviceTokenNotForTopic` compare the bundle id of the app with the one in Firebase.",
    ),
    Alarm.PUSH_MESSAGE_INVALID: AlarmKind(
        Severity.SAME_DAY,
        "Firebase rejects the content of a push. The notification is in the app all the same.",
        "Read `reason`. This is a fault of our code: correct the payload.",
    ),
    Alarm.QUEUE_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "SQS refused messages. Device messages stay in the platform's queue until SQS accepts them.",
        "Check the status of SQS and the rights of the function.",
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
    Alarm.REFRESH_REUSED: AlarmKind(
        Severity.SAME_DAY,
        "A refresh token was used twice, so it may be stolen. All tokens of that session have ended.",
        "Watch `user_id` for other sign-ins. Many at once mean a leak: end all sessions.",
    ),
    Alarm.REFUND_NEEDS_MANUAL_CLOSE: AlarmKind(
        Severity.SAME_DAY,
        "A payment service never said whether it paid a refund.",
        "Look the refund up in the merchant portal, then close it as paid or as not paid.",
    ),
    Alarm.REFUND_PAID_AFTER_FAILURE: AlarmKind(
        Severity.URGENT,
        "A payment service paid a refund that was already returned to the wallet: the customer has it twice.",
        "Check the wallet of the customer, and take the sum back by a correction if it is still there.",
    ),
    Alarm.RENTAL_NOT_REOPENED: AlarmKind(
        Severity.SAME_DAY,
        "A power bank came out after its rental was released, or is gone after a doubtful return. The rental could "
        "not go on: its customer has another one by now, or the return cost something.",
        "Ask the customer about `powerbank_sn`, and charge or forgive the first rental.",
    ),
    Alarm.RENTAL_OF_DELETED_ACCOUNT: AlarmKind(
        Severity.SAME_DAY,
        "A power bank came out after its rental was released, and its customer has deleted the account. The rental "
        "is open again.",
        "Look for `powerbank_sn`. If it does not come back, nobody can be charged: write it off.",
    ),
    Alarm.RETURN_DOUBT_REPEATED: AlarmKind(
        Severity.SAME_DAY,
        "For the second time in 30 days a return of this customer, or at this station, came to light only after an "
        "outage of more than an hour. The customer did not pay for the outage.",
        "Look at the doubtful returns of `user_id` or `sn`. Check on site whether a person unplugs the station.",
    ),
    Alarm.RETURN_UNREADABLE: AlarmKind(
        Severity.SAME_DAY,
        "Station `sn` accepted a power bank in slot `slot_number` and can't read its number. Its rental runs on. The "
        "power banks in `powerbank_sn` are out from this station.",
        "Read the number on the power bank on site. Then assign it in the list of unreadable returns: its rental "
        "ends at `sent_at`.",
    ),
    Alarm.REVERSED_MONEY_RESTORED: AlarmKind(
        Severity.SAME_DAY,
        "A payment service has money of a reversed top-up again, which an operator took from the customer: a dispute "
        "was won, for example.",
        "Look `intent_id` up in the merchant portal. Then decide it in the list of reversals with `give_back`.",
    ),
    Alarm.SLOT_SET_ASIDE: AlarmKind(
        Severity.SAME_DAY,
        "Slot `slot_number` of station `sn` failed to let `powerbank_sn` out several times in a row. No customer "
        "gets that power bank any more.",
        "Send somebody to free the power bank and to check the latch. The slot is used again once the power bank has "
        "left it.",
    ),
    Alarm.SMS_PROVIDER_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "Sparrow SMS does not answer or rejects our account, so customers can't sign in by phone.",
        "Check the credit, the token and the allowed IP address in the Sparrow portal.",
    ),
    Alarm.SWEEP_FAILED: AlarmKind(
        Severity.SAME_DAY,
        "A repair job failed for the item in `about`. The other items were handled.",
        "Read `error`. The job comes back to the item. If the alarm repeats, correct the row or the code.",
    ),
    Alarm.UNHANDLED_EXCEPTION: AlarmKind(
        Severity.URGENT,
        "A request ended in an error of our code, and its caller got status 500.",
        "Find `request_id` in the logs, and read the place in `error`.",
    ),
}
