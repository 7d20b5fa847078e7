"""Refresh tokens: their text, and what the use of a token does to its session."""

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.sessions.session import Session

MAX_GENERATION_DIGITS = 9
REUSED = "refresh_reused"
"""The reason of a session that ended because an old refresh token was used."""


class RefreshToken(NamedTuple):
    """What a refresh token says. Whether its proof is genuine, the caller checks."""

    session_id: str
    generation: int


def refresh_token_text(session_id: str, generation: int, proof: str) -> str:
    return f"{session_id}.{generation}.{proof}"


def parse_refresh_token(text: str) -> RefreshToken | None:
    """The session and the generation that a token names; None for a malformed token."""
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii() or not parts[0].isalnum():
        return None
    if not parts[1].isdigit() or len(parts[1]) > MAX_GENERATION_DIGITS:
        return None
    return RefreshToken(parts[0], int(parts[1]))


def session_after_refresh(
    session: Session, generation: int, now: datetime, *, expires_at: datetime, repeatable_for: timedelta
) -> Session:
    """The live session after a genuine refresh token of `generation` is used.

    The newest token rotates the session, which then lasts until `expires_at`. The token before it leaves the session
    as it is for `repeatable_for` after the rotation: the response with the newest token may have been lost. Any other
    token was used before. Two parties hold the tokens of the device, so the session ends with the reason REUSED.
    """
    if generation == session.generation:
        return session.rotated(now, expires_at)
    if generation == session.generation - 1 and session.rotated_at and now - session.rotated_at < repeatable_for:
        return session
    return session.ended(now, REUSED)
