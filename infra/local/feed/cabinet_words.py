"""Says in words what cabinets receive and send: decoded frames beside their bytes, for the feed and technicians."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.cabinets.cabinet_protocol.description import fields_of, name_of
from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import FrameError
from chalicelib.domain.cabinets.cabinet_protocol.frames import decode
from infra.local.cabinets.cabinet import SimulatedCabinet
from infra.local.feed.event_feed import EventFeed

SECRET = re.compile("pass|pwd", re.IGNORECASE)
DAMAGED = "damaged"
SHOWN = ("powerbank_sn", "slot_number", "verdict")
"""The fields of a frame that its line in the feed shows."""


def frame_words(raw: bytes) -> dict[str, Any]:
    """The name and the fields of a frame, as the service decodes it; of a damaged one, why it can't be decoded."""
    try:
        frame = decode(raw)
    except FrameError as error:
        return {"name": DAMAGED, "fields": {"reason": str(error)}}
    return {"name": name_of(frame), "fields": fields_of(frame)}


def add_frame(feed: EventFeed, cabinet: SimulatedCabinet, raw: bytes, words: Mapping[str, Any]) -> str | None:
    """Add a sent frame to the feed, with its words from `frame_words`. Returns the rental that it is about."""
    fields = words["fields"]
    shown = " ".join(f"{name} {fields[name]}" for name in SHOWN if fields.get(name) is not None)
    rental_id = feed.rental_of(str(fields.get("powerbank_sn", "")))
    feed.add(
        "frame",
        f"{cabinet.sn} <- {words['name']} {shown}".rstrip(),
        rental_id=rental_id,
        imei=cabinet.imei,
        sn=cabinet.sn,
        hex=raw.hex(),
        **words,
    )
    return rental_id


def add_command(feed: EventFeed, cabinet: SimulatedCabinet, command: Mapping[str, Any]) -> str | None:
    """Add a received command to the feed. Returns the rental that it is about."""
    name, about = str(command.get("cmd", "")), str(command.get("data", ""))
    rental_id = feed.rental_of(about)
    feed.add(
        "command",
        f"{cabinet.sn} -> {name} {about}".rstrip(),
        rental_id=rental_id,
        imei=cabinet.imei,
        sn=cabinet.sn,
        command=_without_secrets(command),
    )
    return rental_id


def _without_secrets(command: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "..." if SECRET.search(name) else value for name, value in command.items()}
