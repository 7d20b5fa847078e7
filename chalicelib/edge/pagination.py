"""Cursors of paged lists: opaque and signed, each valid for one caller, one path and one query."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Any, TypeVar, cast

from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.context import RequestContext
from chalicelib.edge.models import PageQuery
from chalicelib.edge.request_parsing import RequestParts

PROOF_BYTES = 16
PAGE_FIELDS = {"cursor", "format", "limit", "page", "page_size"}
"""Fields of a query that choose a page, and no results. A cursor is valid whatever they say."""
ANONYMOUS = "anonymous"
"""Stands for the caller in the cursors of public routes."""

P = TypeVar("P", str, int, float)


@dataclass(frozen=True)
class Cursor:
    """Where the requested page begins, and how the cursor of the next page is made.

    `position` holds what the handler gave to `following` for this page; it is empty for the first page. An earlier
    version of the code may have made it: what reads it raises Problem("invalid_cursor") where it has another form.
    """

    context: RequestContext
    path: Mapping[str, Any]
    query: PageQuery
    position: Mapping[str, Any]

    @classmethod
    def of(cls, context: RequestContext, parts: RequestParts) -> "Cursor":
        """The cursor of a request whose query is a PageQuery. Raises Problem("invalid_cursor")."""
        cursor = cls(context, parts.path or {}, cast("PageQuery", parts.query), {})
        return replace(cursor, position=cursor._decode())

    def text(self, name: str) -> str | None:
        return self._part(name, str)

    def number(self, name: str) -> int | None:
        return self._part(name, int)

    def real(self, name: str) -> float | None:
        return self._part(name, float)

    def following(self, **position: Any) -> str | None:
        """The cursor of the page that begins at `position`; None when a part of it is None: no page follows."""
        if None in position.values():
            return None
        payload = json.dumps(position, separators=(",", ":")).encode()
        return self._sign(payload)

    def _part(self, name: str, kind: type[P]) -> P | None:
        """A part of the position. None for the first page."""
        if not self.position:
            return None
        part = self.position.get(name)
        if not isinstance(part, kind):
            raise Problem("invalid_cursor")
        return part

    def _decode(self) -> dict[str, Any]:
        if self.query.cursor is None:
            return {}
        try:
            payload = _decoded(self.query.cursor.partition(".")[0])
        except (binascii.Error, ValueError) as error:
            raise Problem("invalid_cursor") from error
        # Compared as text: base64 has several spellings of the same bytes, and only one is valid.
        if not compare_digest(self._sign(payload).encode(), self.query.cursor.encode()):
            raise Problem("invalid_cursor")
        position: dict[str, Any] = json.loads(payload)
        return position

    def _sign(self, payload: bytes) -> str:
        caller = None if self.context.route.is_public else self.context.caller
        caller_id = caller.user_id if caller else ANONYMOUS
        filters = self.query.model_dump_json(exclude=PAGE_FIELDS)
        path = json.dumps(self.path, sort_keys=True, default=str)
        parts = (self.context.route.name, path, caller_id, filters, payload.decode("latin-1"))
        proof = self.context.world.digests.digest("cursor", *parts)[:PROOF_BYTES]
        return f"{_encoded(payload)}.{_encoded(proof)}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
