"""Where a page begins: opaque, signed, and good for one caller and one question only."""

import base64
import binascii
import json
from hmac import compare_digest
from typing import Any

from chalicelib.domain.problems import Problem
from chalicelib.edge.context import current
from chalicelib.edge.models import PageAsked
from chalicelib.edge.routes import Routes

PROOF_BYTES = 16


def sealed(routes: Routes, who: str, asked: PageAsked, position: dict[str, Any]) -> str:
    """A cursor to `position`, for this caller and this question."""
    said = json.dumps(position, separators=(",", ":")).encode()
    return _written(said, _proof(routes, who, asked, said))


def opened(routes: Routes, who: str, asked: PageAsked) -> dict[str, Any] | None:
    """The position of the question's cursor, None without one. Raises Problem("invalid_cursor")."""
    if asked.cursor is None:
        return None
    first = asked.cursor.partition(".")[0]
    try:
        said = _decoded(first)
    except (binascii.Error, ValueError) as error:
        raise Problem("invalid_cursor") from error
    if not compare_digest(_written(said, _proof(routes, who, asked, said)).encode(), asked.cursor.encode()):
        raise Problem("invalid_cursor")
    position: dict[str, Any] = json.loads(said)
    return position


def _proof(routes: Routes, who: str, asked: PageAsked, said: bytes) -> bytes:
    question = asked.model_dump_json(exclude={"cursor", "limit"})
    parts = (current.get().door.name, who, question, said.decode("latin-1"))
    return routes.world().peppers.digest("cursor", *parts)[:PROOF_BYTES]


def _written(said: bytes, proof: bytes) -> str:
    """The one spelling of a cursor: base64 has several for the same bytes."""
    return _encoded(said) + "." + _encoded(proof)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
