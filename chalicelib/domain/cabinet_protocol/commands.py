"""What we say to a cabinet: text commands, in which every value is a string."""

import json
from datetime import datetime

EJECT_LIVES_SECONDS = 30


def eject_command(powerbank_sn: str, at: datetime) -> bytes:
    """Hand out this bank. Newer firmware refuses it 30 seconds after `at`; older firmware does not look."""
    return _said(cmd="popup_sn", data=powerbank_sn, timestamp=str(int(at.timestamp())), ttl=str(EJECT_LIVES_SECONDS))


def check_command() -> bytes:
    """Tell every slot. The shorter `check` makes old firmware tell of its five fullest banks only."""
    return _said(cmd="check_all")


def _said(**words: str) -> bytes:
    return json.dumps(words, separators=(",", ":")).encode()
