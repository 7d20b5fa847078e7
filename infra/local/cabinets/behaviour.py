"""How a simulated cabinet behaves on demand, and the list of all such behaviours."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

EJECTS = ("ok", "fail", "silent", "dead", "wrong_slot", "wrong_slot_confirmed")
LATE_SECONDS = 60.0
MAX_LATE_SECONDS = 366 * 86_400
MAX_FRAMES = 100


@dataclass(frozen=True)
class Behaviour:
    """How a cabinet behaves. `BEHAVIOURS` says what each field means."""

    eject: str = "ok"
    late_seconds: float = 0.0
    online: bool = True
    duplicate: int = 1
    reorder: bool = False
    bad_checksum: bool = False
    frames_before_report: int = 0
    loses_status: bool = False
    return_frames_after_outage: bool = False
    wrong_station_answer: bool = False
    repeats_old_snapshot: bool = False
    twin: str = ""
    bit_flip: int = 0
    unreadable: bool = False

    def changed(self, changes: Mapping[str, Any]) -> "Behaviour":
        """This behaviour with changes. Raises ValueError naming the first invalid change.

        Late answers: `late_seconds: 40`, or `eject: late_seconds` (60), or `eject: {late_seconds: 40}`. `eject: ok`
        ends them.
        """
        orders = dict(changes)
        eject = orders.get("eject")
        if isinstance(eject, Mapping):
            orders |= {"eject": "ok", **eject}
        elif eject == "late_seconds":
            orders = {"late_seconds": LATE_SECONDS, **orders, "eject": "ok"}
        elif eject is not None:
            orders = {"late_seconds": 0.0, **orders}
        if orders.get("duplicate") == 0:
            orders["duplicate"] = 1
        for name, value in orders.items():
            if name not in BEHAVIOURS or not BEHAVIOURS[name].check(value):
                raise ValueError(f"no such behaviour: {name}={value!r}")
        return replace(self, **orders)


class BehaviourKind(NamedTuple):
    """The values that a behaviour may have, and what the cabinet does then."""

    check: Callable[[Any], bool]
    values: str
    meaning: str


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_LATE_SECONDS


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_FRAMES


def _is_serial_number(value: Any) -> bool:
    return isinstance(value, str) and (not value or (value.isascii() and value.isdecimal() and 8 <= len(value) <= 9))


BEHAVIOURS: Mapping[str, BehaviourKind] = {
    "eject": BehaviourKind(
        lambda value: value in EJECTS,
        " | ".join(EJECTS),
        "fail reports a failure and ejects nothing, until an operator reboots the cabinet; silent ejects and never "
        "answers; dead does neither; wrong_slot ejects another power bank and answers the ambiguous 0x12; "
        "wrong_slot_confirmed does so and answers that the right one came out.",
    ),
    "late_seconds": BehaviourKind(
        _is_seconds, f"0 to {MAX_LATE_SECONDS} seconds", "Eject answers come this many seconds later."
    ),
    "online": BehaviourKind(
        _is_bool,
        "true | false",
        "An offline cabinet sends and receives nothing. It reports its returns when it is online again.",
    ),
    "duplicate": BehaviourKind(_is_count(1), "1 to 100", "Every message comes this many times."),
    "reorder": BehaviourKind(_is_bool, "true | false", "Every second message overtakes the one before it."),
    "bad_checksum": BehaviourKind(_is_bool, "true | false", "Every frame has a wrong checksum."),
    "frames_before_report": BehaviourKind(
        _is_count(0),
        "0 to 100",
        "After an outage the cabinet sends this many heartbeats before it reports its returns.",
    ),
    "loses_status": BehaviourKind(
        _is_bool, "true | false", "The platform's messages about a lost or a new connection do not arrive."
    ),
    "return_frames_after_outage": BehaviourKind(
        _is_bool, "true | false", "After an outage the cabinet reports its returns by 0x40 in place of 0x28."
    ),
    "wrong_station_answer": BehaviourKind(
        _is_bool, "true | false", "Another online cabinet sends this cabinet's eject answers."
    ),
    "repeats_old_snapshot": BehaviourKind(
        _is_bool, "true | false", "Every snapshot lists what the slots held when this was set."
    ),
    "twin": BehaviourKind(
        _is_serial_number,
        "a serial number, or empty",
        "Snapshots list a power bank of this number in the last free slot, although the slot is empty.",
    ),
    "bit_flip": BehaviourKind(
        _is_count(0), "0 to 100", "One bit of every n-th frame is flipped, not of its checksum. 0 flips none."
    ),
    "unreadable": BehaviourKind(
        _is_bool, "true | false", "The frames that report a return say FFFFFFFF in place of the serial number."
    ),
}


def listing() -> list[dict[str, Any]]:
    """All behaviours with their values, their defaults and their meanings."""
    defaults = asdict(Behaviour())
    return [
        {"name": name, "values": kind.values, "default": defaults[name], "meaning": kind.meaning}
        for name, kind in BEHAVIOURS.items()
    ]
