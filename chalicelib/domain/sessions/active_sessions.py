"""The list of an account's active sessions, which one read returns."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.sessions.device import MAX_DEVICES


@dataclass(frozen=True)
class SessionRef:
    """A session and its start. The session's own row says whether it has ended."""

    session_id: str
    began_at: datetime


@dataclass(frozen=True)
class ActiveSessions:
    """At most `MAX_DEVICES` sessions of one account, earliest first. Every sign-in and sign-out changes the list."""

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
        """Raises ValueError when the list is full."""
        if self.full:
            raise ValueError("a user has the maximum of active sessions")
        entries = sorted(
            (*self.entries, SessionRef(session_id, at)), key=lambda entry: (entry.began_at, entry.session_id)
        )
        return replace(self, entries=tuple(entries))

    def without(self, *session_ids: str) -> "ActiveSessions":
        return replace(self, entries=tuple(entry for entry in self.entries if entry.session_id not in session_ids))
