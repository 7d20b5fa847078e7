"""What an operator did, as the audit log keeps it and as people read it."""

from dataclasses import dataclass
from typing import Any

NOUNS = (
    "balance_addition",
    "dead_letter",
    "faq_entry",
    "rental_issue",
    "second_factor",
    "station_issue",
    "unreadable_return",
)
"""What an action may be about, where the noun has two words. The name of every action begins with its noun."""


@dataclass(frozen=True)
class AdminAction:
    """One action. `target` is the id of what the operator acted on.

    `changes` is JSON: `before` and `after` of what changed, None where there was or is nothing, and the reason.
    """

    name: str
    target: str
    changes: dict[str, Any]


def target_model_of(action: str) -> str:
    """What the action is about: `refund` of `refund_approved`."""
    return next((noun for noun in NOUNS if action.startswith(f"{noun}_")), action.partition("_")[0])


def description_of(action: str) -> str:
    """The action as a phrase: `Refund approved`."""
    return action.replace("_", " ").capitalize()
