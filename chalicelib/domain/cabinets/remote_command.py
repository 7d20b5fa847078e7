"""A command of an operator to a cabinet, and which reports of the cabinet answer it (decision 0066)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.cabinet_protocol import commands
from chalicelib.domain.cabinets.cabinet_protocol.events import Verdict
from chalicelib.domain.cabinets.event_log import EventKind, LogEntry

HIDDEN = "hidden"
"""Stands in place of a password in logs."""


class CommandKind(StrEnum):
    """What a cabinet is to do."""

    CHECK = "check"
    EJECT = "eject"
    REBOOT = "reboot"
    VOLUME = "volume"
    MODE = "mode"
    WIFI_SCAN = "wifi_scan"
    WIFI_CONNECT = "wifi_connect"


SILENT = frozenset({CommandKind.VOLUME, CommandKind.MODE, CommandKind.WIFI_CONNECT})
"""Commands without an answer of their own. A check follows them: its snapshot shows that the cabinet hears us."""
RECONNECTING = frozenset({CommandKind.REBOOT, CommandKind.MODE, CommandKind.WIFI_CONNECT})
"""Commands after which the cabinet loses its connection and makes a new one."""
FRAMES: Mapping[CommandKind, str] = {
    CommandKind.CHECK: "snapshot",
    CommandKind.EJECT: "eject_result",
    CommandKind.WIFI_SCAN: "wifi_list",
    **dict.fromkeys(SILENT, "snapshot"),
}
"""The name of the frame that answers a command."""


@dataclass(frozen=True)
class RemoteCommand:
    """`powerbank_sn` or `slot_number` for an eject, `volume` 0 to 100, `mode` wifi or 4g, `ssid` and `password` of a
    WiFi network."""

    kind: CommandKind
    powerbank_sn: str | None = None
    slot_number: int | None = None
    volume: int = 0
    mode: str = ""
    ssid: str = ""
    password: str = field(default="", repr=False)

    def content(self, at: datetime) -> bytes:
        """What the cabinet gets."""
        return self._content(at, self.password)

    def recorded(self, at: datetime) -> bytes:
        """What the event log holds: the content without the password."""
        return self._content(at, HIDDEN if self.password else "")

    def _content(self, at: datetime, password: str) -> bytes:
        match self.kind:
            case CommandKind.CHECK:
                return commands.check_command()
            case CommandKind.EJECT:
                return commands.eject_command(self.powerbank_sn or "", at)
            case CommandKind.REBOOT:
                return commands.reboot_command()
            case CommandKind.VOLUME:
                return commands.volume_command(self.volume)
            case CommandKind.MODE:
                return commands.mode_command(self.mode)
            case CommandKind.WIFI_SCAN:
                return commands.wifi_scan_command()
            case CommandKind.WIFI_CONNECT:
                return commands.wifi_connect_command(self.ssid, password)

    @property
    def facts(self) -> dict[str, Any]:
        """The command for the audit log, without the password."""
        named = {
            "powerbank_sn": self.powerbank_sn,
            "slot_number": self.slot_number,
            "volume": self.volume if self.kind is CommandKind.VOLUME else None,
            "mode": self.mode or None,
            "ssid": self.ssid or None,
        }
        return {"command": self.kind.value} | {name: value for name, value in named.items() if value is not None}

    def is_answered_by(self, entry: LogEntry, ordered_at: datetime) -> bool:
        """Whether this report of the cabinet came after the command, and answers it."""
        if entry.recorded_at <= ordered_at or entry.at + CLOCK_GRAIN <= ordered_at:
            return False
        if entry.kind is EventKind.CONNECTION:
            return self.kind in RECONNECTING
        if entry.kind is not EventKind.FRAME or entry.name != FRAMES.get(self.kind) or entry.outcome == "damaged":
            return False
        return self.kind is not CommandKind.EJECT or entry.fields.get("powerbank_sn") == self.powerbank_sn


def answer_among(entries: Iterable[LogEntry], command: RemoteCommand, ordered_at: datetime) -> LogEntry | None:
    """The first report that answers the command. `entries` are the newest first."""
    answers = [entry for entry in entries if command.is_answered_by(entry, ordered_at)]
    return answers[-1] if answers else None


def verdict_in(answer: LogEntry) -> Verdict | None:
    """The result of an eject. None for an answer to another command."""
    verdict = answer.fields.get("verdict")
    return Verdict(verdict) if verdict is not None else None
