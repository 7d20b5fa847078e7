"""Commands to a cabinet: JSON in which every value is a string."""

import json
from datetime import datetime

EJECT_TTL_SECONDS = 30


def eject_command(powerbank_sn: str, at: datetime) -> bytes:
    """Eject this power bank. Newer firmware refuses the command 30 seconds after `at`; older firmware does not."""
    return _command(cmd="popup_sn", data=powerbank_sn, timestamp=str(int(at.timestamp())), ttl=str(EJECT_TTL_SECONDS))


def check_command() -> bytes:
    """Report every slot. With the shorter `check` old firmware reports only its five fullest power banks."""
    return _command(cmd="check_all")


def reboot_command() -> bytes:
    """Restart. The cabinet sends no answer, and loses its connection."""
    return _command(cmd="reboot")


def volume_command(percent: int) -> bytes:
    """Speak at a volume of 0 to 100. The cabinet sends no answer."""
    return _command(cmd="volume", data=str(percent))


def mode_command(network: str) -> bytes:
    """Prefer `wifi` or `4g`. The cabinet sends no answer."""
    return _command(cmd="setMode", data=network)


def wifi_scan_command() -> bytes:
    """List the WiFi networks, by a frame 0xCF."""
    return _command(cmd="getWifi")


def wifi_connect_command(ssid: str, password: str) -> bytes:
    """Join a WiFi network; an open one has an empty password. The cabinet sends no answer."""
    return _command(cmd="setWifi", username=ssid, password=password)


def _command(**fields: str) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()
