"""Which devices of an account are signed in: a short list, so that it never has to be searched for."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.device import MAX_DEVICES


@dataclass(frozen=True)
class SessionRef:
    """A session and when it began. Whether it has ended meanwhile, its own row tells."""

    session_id: str
    began_at: datetime


@dataclass(frozen=True)
class ActiveSessions:
    """At most `MAX_DEVICES` sessions of one account, the earliest first. Whoever signs in or out changes it."""

    user_id: str
    entries: tuple[SessionRef, ...] = ()
    version: int = 0

    @property
    def full(self) -> bool:
        return len(self.entries) >= MAX_DEVICES

    @property
    def session_ids(self) -> frozenset[str]:
        return frozenset(entry.session_id for entry in self.entries)

    def with_session(self, session_id: str, at: datetime) -> "ActiveSessions":
        """Raises ValueError when it is full."""
        if self.full:
            raise ValueError("the roster is full")
        entries = sorted(
            (*self.entries, SessionRef(session_id, at)), key=lambda entry: (entry.began_at, entry.session_id)
        )
        return replace(self, entries=tuple(entries))

    def without(self, *session_ids: str) -> "ActiveSessions":
        return replace(self, entries=tuple(entry for entry in self.entries if entry.session_id not in session_ids))
