"""Where a page begins: opaque, signed, and good for one caller and one question only."""

import base64
import binascii
import json
from hmac import compare_digest
from typing import Any

from chalicelib.domain.problems import Problem
from chalicelib.edge.context import request_context
from chalicelib.edge.models import PageQuery
from chalicelib.edge.routes import Routes

PROOF_BYTES = 16


def encode_cursor(routes: Routes, caller_id: str, query: PageQuery, position: dict[str, Any]) -> str:
    """A cursor to `position`, for this caller and this question."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return _signed(payload, _proof(routes, caller_id, query, payload))


def decode_cursor(routes: Routes, caller_id: str, query: PageQuery) -> dict[str, Any] | None:
    """The position of the question's cursor, None without one. Raises Problem("invalid_cursor")."""
    if query.cursor is None:
        return None
    first = query.cursor.partition(".")[0]
    try:
        payload = _decoded(first)
    except (binascii.Error, ValueError) as error:
        raise Problem("invalid_cursor") from error
    if not compare_digest(
        _signed(payload, _proof(routes, caller_id, query, payload)).encode(), query.cursor.encode()
    ):
        raise Problem("invalid_cursor")
    position: dict[str, Any] = json.loads(payload)
    return position


def _proof(routes: Routes, caller_id: str, query: PageQuery, payload: bytes) -> bytes:
    filters = query.model_dump_json(exclude={"cursor", "limit"})
    parts = (request_context.get().route.name, caller_id, filters, payload.decode("latin-1"))
    return routes.world().digests.digest("cursor", *parts)[:PROOF_BYTES]


def _signed(payload: bytes, proof: bytes) -> str:
    """The one spelling of a cursor: base64 has several for the same bytes."""
    return _encoded(payload) + "." + _encoded(proof)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
