"""Authenticates a request: the token's account and session, the permission and the Idempotency-Key."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.operations.idempotency import IdempotencyKey
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.edge.context import RequestContext, RouteSpec, bearer_token
from chalicelib.edge.language import language_of
from chalicelib.edge.multipart_form import UploadedFile
from chalicelib.edge.request_parsing import RequestParts
from chalicelib.services import caller as callers
from chalicelib.services.auth.sessions import read_access_token
from chalicelib.services.caller import Caller

KEY_TEXT = re.compile(r"[\x20-\x7e]{1,255}")


def read_token(context: RequestContext) -> None:
    """Read the claims of the access token, and the language they prefer. The account behind them is not read yet.

    Routes that need a caller are the only ones that read a token before the request is parsed: public routes ignore
    it, except those with an optional caller.
    """
    context.claims = read_access_token(context.world, bearer_token(context.request))
    context.language = language_of(context.request, context.claims)


def find_caller(
    context: RequestContext,
    parts: RequestParts,
    prefetch: Callable[[RequestContext, RequestParts], tuple[Any, ...]],
) -> None:
    """Find the caller of a public route, if the request has a valid access token."""
    if not context.header("authorization"):
        return
    try:
        context.claims = read_access_token(context.world, bearer_token(context.request))
        context.caller = authenticate(context, parts, prefetch(context, parts))
    except Problem as problem:
        if problem.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise


def authenticate(context: RequestContext, parts: RequestParts, prefetch: tuple[Any, ...]) -> Caller:
    """The caller, in one read with the rows of `prefetch` and the record of the request's Idempotency-Key.

    Raises Problem: session_ended, account_banned, forbidden, second_factor_missing, invalid_input for a key that
    can't be one, idempotency_key_reused, idempotency_in_progress.
    """
    return callers.authenticate(
        context.world,
        claims=context.claims or {},
        prefetch=prefetch,
        permission=context.route.permission,
        idempotency_key=_idempotency_key(context, parts),
    )


def fingerprint(route: RouteSpec, parts: RequestParts) -> str:
    """A digest of everything that the handler acts on: route, path, query and body, as they were parsed."""
    content = [route.name, parts.path, _fields(parts.query), _fields(parts.body)]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_as_text).encode()).hexdigest()


def _idempotency_key(context: RequestContext, parts: RequestParts) -> IdempotencyKey | None:
    key = context.header("idempotency-key")
    if not context.route.idempotent or not key:
        return None
    if not KEY_TEXT.fullmatch(key):
        raise Problem("invalid_input", errors={"Idempotency-Key": [validation_message("idempotency_key_format")]})
    digest = fingerprint(context.route, parts)
    return IdempotencyKey(context.route.name, key, digest, stored_whole=not context.route.unstored_fields)


def _fields(model: BaseModel | None) -> Mapping[str, Any] | None:
    return None if model is None else model.model_dump()


def _as_text(value: Any) -> str:
    return hashlib.sha256(value.content).hexdigest() if isinstance(value, UploadedFile) else str(value)
