"""What operators' changes of content share: cleaned HTML, versions, and the entry in the audit log."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from chalicelib.domain.content.banner import Banner
from chalicelib.domain.content.content import ContentPage, FaqEntry, html_shows_something
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import ValidationMessage, validation_message
from chalicelib.domain.text.time_text import time_text
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World

T = TypeVar("T", ContentPage, FaqEntry, Banner)


def cleaned(world: World, texts: Mapping[str, str], max_bytes: int) -> dict[str, str]:
    """The cleaned HTML of each field. Raises Problem("invalid_input") for HTML that shows nothing or is too long."""
    html = {name: world.html.clean(text) for name, text in texts.items()}
    errors: dict[str, list[ValidationMessage]] = {}
    for name, text in html.items():
        if not html_shows_something(text):
            errors[name] = [validation_message("required")]
        elif len(text.encode()) > max_bytes:
            errors[name] = [validation_message("content_too_long")]
    if errors:
        raise Problem("invalid_input", errors=errors)
    return html


def change(
    world: World,
    caller: Caller,
    draft: T,
    *,
    read: Callable[[], T | None],
    save: Callable[[Transaction, T], None],
    as_stored: Callable[[T], T],
    logged_as: tuple[str, str],
) -> T:
    """Save a draft over the version that the operator has read, and stage its entry in the audit log.

    `as_stored` is the draft with those fields of a stored row that no operator writes: a draft that equals the row
    then changes nothing. `logged_as` is the action and its target.
    Raises Problem("changed_meanwhile") and what `read` raises.
    """

    def decide(ops: Transaction) -> T:
        fresh_caller(world, caller, ops)
        before = read()
        if before is not None and as_stored(before) == before:
            return before
        must_be_current(before.version if before is not None else 0, draft.version)
        save(ops, draft)
        audit_log.record(ops, world, caller.user_id, content_action(*logged_as, before, draft))
        return replace(draft, version=draft.version + 1)

    return atomic(world, decide)


def delete(
    world: World,
    caller: Caller,
    *,
    read: Callable[[], T],
    remove: Callable[[Transaction, T], None],
    logged_as: tuple[str, str],
) -> None:
    """Delete what `read` returns, and stage the entry in the audit log. Raises what `read` raises."""

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        before = read()
        remove(ops, before)
        audit_log.record(ops, world, caller.user_id, content_action(*logged_as, before, None))

    atomic(world, decide)


def must_be_current(stored_version: int, read_version: int) -> None:
    """Raises Problem("changed_meanwhile") unless the operator has read the stored version. 0: nothing is stored."""
    if stored_version != read_version:
        raise Problem("changed_meanwhile")


def free_id(name: str, taken: Collection[str]) -> str:
    """An id for new content, always the same for a name and the ids that are taken. So a request that comes twice at
    once makes one row."""
    for number in count():
        candidate = hashlib.sha256(f"{name}#{number}".encode()).hexdigest()[:20]
        if candidate not in taken:
            return candidate
    raise AssertionError("unreachable")


def content_action(name: str, target: str, before: T | None, after: T | None) -> AdminAction:
    """What an operator did to content, with the content before and after."""
    return AdminAction(name, target, {"before": _as_json(before), "after": _as_json(after)})


def _as_json(content: Any) -> dict[str, Any] | None:
    if content is None:
        return None
    return {
        name: time_text(value) if isinstance(value, datetime) else value for name, value in asdict(content).items()
    }
