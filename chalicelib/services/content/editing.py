"""What operators' changes of content share: cleaned HTML, versions, and the entry in the audit log."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import count
from typing import Any

from chalicelib.domain.content import html_shows_something
from chalicelib.domain.problems import Problem
from chalicelib.domain.time_text import time_text
from chalicelib.domain.validation_messages import ValidationMessage, validation_message
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


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


def record(
    ops: Transaction, world: World, caller: Caller, action: str, target: str, *, before: Any = None, after: Any = None
) -> None:
    """Stage the entry of the audit log, with the content before and after the change."""
    changes = {"before": _as_json(before), "after": _as_json(after)}
    audit_log.record(ops, world, admin_id=caller.user_id, action=action, target=target, changes=changes)


def _as_json(content: Any) -> dict[str, Any] | None:
    if content is None:
        return None
    return {
        name: time_text(value) if isinstance(value, datetime) else value for name, value in asdict(content).items()
    }
