"""Alarms about the service, its queues and its providers."""

from collections.abc import Mapping

from chalicelib.domain.operations.alarm_kinds.kind import AlarmKind, Severity
from chalicelib.domain.operations.alarms import Alarm

SYSTEM: Mapping[Alarm, AlarmKind] = {
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
    Alarm.DAY_COUNTERS_DIFFER: AlarmKind(
        Severity.SAME_DAY,
        "The nightly recount of a day from rentals, top-ups and the ledger differed twice alike from the counters of "
        "that day. The counters are corrected. Money and rentals are as the ledger says.",
        "Read `about` (the day) in the log, and `differences` of that day in the table `day_recounts`. Find what "
        "counted wrong before the next day.",
    ),
    Alarm.ENVELOPE_INVALID: AlarmKind(
        Severity.SAME_DAY,
        "A message from the device platform could not be parsed. The whole message is in the poison queue.",
        "Read `reason` and the message in the poison queue. Many of them mean that the platform changed its format.",
    ),
    Alarm.INBOX_ANSWER_UNREADABLE: AlarmKind(
        Severity.SAME_DAY,
        "An answer of the device platform's queue could not be read. Its messages are read one by one for the rest "
        "of the run. One of them may never be readable: it stays in the platform's queue until it expires there.",
        "Look at the queue in the platform's console. Delete the message if the alarm comes each minute.",
    ),
    Alarm.INBOX_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "The queue of the device platform does not answer, so returns and ejects reach us late.",
        "Check the status page of the platform and our access key. Messages wait there until it answers.",
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
    Alarm.PLATFORM_UNAVAILABLE: AlarmKind(
        Severity.URGENT,
        "The device platform does not answer, so no power bank can be ejected.",
        "Check the status page of the platform and our access key.",
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
    Alarm.REFRESH_REUSED: AlarmKind(
        Severity.SAME_DAY,
        "A refresh token was used twice, so it may be stolen. All tokens of that session have ended.",
        "Watch `user_id` for other sign-ins. Many at once mean a leak: end all sessions.",
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
