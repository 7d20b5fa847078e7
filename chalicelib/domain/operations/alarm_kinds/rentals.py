"""Alarms about rentals, power banks and cabinets."""

from collections.abc import Mapping

from chalicelib.domain.operations.alarm_kinds.kind import AlarmKind, Severity
from chalicelib.domain.operations.alarms import Alarm

RENTALS: Mapping[Alarm, AlarmKind] = {
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
    Alarm.FRAME_DAMAGED: AlarmKind(
        Severity.SAME_DAY,
        "A frame of station `sn` had a wrong checksum. It moved no power bank. The service asked for a snapshot.",
        "A few of them do no harm. If one station sends many, its returns are not recorded: check its modem and "
        "cables, and compare its slots with the stored ones.",
    ),
    Alarm.POWERBANK_IN_TWO_PLACES: AlarmKind(
        Severity.SAME_DAY,
        "The cabinet of station `sn` lists a power bank that is elsewhere. No rental changed.",
        "Look into the slots of station `sn`. Either the cabinet repeats an old list: restart it. Or two power banks "
        "have one serial number: take one of them out of use. Or the customer of `rental_id` did return it. Nobody "
        "can rent it until only its own station lists it, a report moves it, or "
        "`PATCH /api/admin/powerbanks/{powerbank_sn}` makes it `available`.",
    ),
    Alarm.POWERBANK_QUARANTINED: AlarmKind(
        Severity.SAME_DAY,
        "A power bank came into a slot of station `sn`, and no rental explains that: it is not registered, or it "
        "moved without a rental. It can't be rented.",
        "Read `GET /api/admin/powerbanks/{powerbank_sn}`. If its status is UNREGISTERED, register it. If it is "
        "QUARANTINED, look at it and set the status AVAILABLE. Otherwise remove it from the station.",
    ),
    Alarm.POWERBANK_VANISHED: AlarmKind(
        Severity.SAME_DAY,
        "A power bank is no longer in slot `slot_number`, and its own rentals do not explain that. The cabinet may "
        "have opened this slot for the eject of `rental_id`, whose own power bank is still in its slot.",
        "Look at station `sn` on site. With one `rental_id`, ask `user_id`: the return of the power bank ends that "
        "rental. With several, find out who has it. Put a station that opens wrong slots into maintenance.",
    ),
    Alarm.RENTAL_NOT_REOPENED: AlarmKind(
        Severity.SAME_DAY,
        "A power bank is gone after a doubtful return that cost something. Its rental did not go on.",
        "Ask the customer about `powerbank_sn`, and charge or forgive the rental.",
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
    Alarm.SLOT_SET_ASIDE: AlarmKind(
        Severity.SAME_DAY,
        "Slot `slot_number` of station `sn` failed to let `powerbank_sn` out several times in a row. No customer "
        "gets that power bank any more.",
        "Send somebody to free the power bank and to check the latch. The slot is used again once the power bank has "
        "left it.",
    ),
    Alarm.TWO_POWERBANKS_OUT: AlarmKind(
        Severity.SAME_DAY,
        "A customer has two power banks: `powerbank_sn` came out late for `rental_id`, and another one is out for "
        "the same customer. Each one must come back, and its loss is charged.",
        "Tell the customer to return both. If a customer cancels and starts again often, read the event log of the "
        "station: its cabinet answers late. Put it into maintenance.",
    ),
}
