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


def _command(**fields: str) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()
