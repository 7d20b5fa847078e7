"""What we say to a cabinet: text commands, in which every value is a string."""

import json
from datetime import datetime

EJECT_TTL_SECONDS = 30


def eject_command(powerbank_sn: str, at: datetime) -> bytes:
    """Hand out this bank. Newer firmware refuses it 30 seconds after `at`; older firmware does not look."""
    return _command(cmd="popup_sn", data=powerbank_sn, timestamp=str(int(at.timestamp())), ttl=str(EJECT_TTL_SECONDS))


def check_command() -> bytes:
    """Tell every slot. The shorter `check` makes old firmware tell of its five fullest banks only."""
    return _command(cmd="check_all")


def _command(**fields: str) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()
