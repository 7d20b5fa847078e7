"""Who calls: the account and session behind a verified token, read with what the route needs."""

import hashlib
import json
import re
from typing import Any

from chalicelib.domain.idempotency import IdempotencyKey
from chalicelib.domain.problems import Problem
from chalicelib.edge.context import RequestContext, request_context
from chalicelib.edge.routes import ReplayResponse, Routes
from chalicelib.services.caller import Caller

PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")


def authenticate(routes: Routes, *prefetch: Any) -> Caller:
    """The caller, in one read with `prefetch` (rows the verb wants) and the request's Idempotency-Key.

    Raises Problem: session_ended, account_banned, forbidden, and what the key means.
    """
    context = request_context.get()
    caller = routes.authenticate(
        context.world,
        claims=context.claims or {},
        prefetch=prefetch,
        permission=context.route.permission,
        idempotency_key=_idempotency_key(context),
    )
    context.caller = caller
    if caller.replay is not None:
        raise ReplayResponse(caller.replay)
    return caller


def client_address(routes: Routes) -> str:
    """The caller's network address as API Gateway saw it."""
    identity = routes.current_request.context.get("identity") or {}
    return str(identity.get("sourceIp") or "unknown")


def _idempotency_key(context: RequestContext) -> IdempotencyKey | None:
    key = context.header("idempotency-key")
    if not context.route.idempotent or not key:
        return None
    if not PRINTABLE.fullmatch(key):
        raise Problem("invalid_input", errors={"Idempotency-Key": ["1 to 255 printable characters"]})
    uri = dict(context.request.uri_params or {})
    content = json.dumps([context.route.name, uri, context.content], sort_keys=True, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return IdempotencyKey(context.route.name, key, digest, stored_whole=not context.route.unstored_fields)
