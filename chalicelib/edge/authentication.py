"""Who calls: the account and session behind a verified token, read with what the route needs."""

import hashlib
import json
import re
from typing import Any

from chalicelib.domain.idempotency import OnceAsked
from chalicelib.domain.problems import Problem
from chalicelib.edge.context import Visit, current
from chalicelib.edge.routes import Replay, Routes
from chalicelib.services.caller import Caller

PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")


def caller(routes: Routes, *also: Any) -> Caller:
    """The caller, in one read with `also` (rows the verb wants) and the request's Idempotency-Key.

    Raises Problem: session_ended, account_banned, forbidden, and what the key means.
    """
    visit = current.get()
    found = routes.authenticate(
        visit.world, claims=visit.claims or {}, also=also, right=visit.door.right, once=_once(visit)
    )
    visit.caller = found
    if found.replay is not None:
        raise Replay(found.replay)
    return found


def address_of(routes: Routes) -> str:
    """The caller's network address as API Gateway saw it."""
    identity = routes.current_request.context.get("identity") or {}
    return str(identity.get("sourceIp") or "unknown")


def _once(visit: Visit) -> OnceAsked | None:
    key = visit.header("idempotency-key")
    if not visit.door.idempotent or not key:
        return None
    if not PRINTABLE.fullmatch(key):
        raise Problem("invalid_input", errors={"Idempotency-Key": ["1 to 255 printable characters"]})
    uri = dict(visit.request.uri_params or {})
    asked = json.dumps([visit.door.name, uri, visit.content], sort_keys=True, default=str)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return OnceAsked(visit.door.name, key, digest, whole=not visit.door.words)
