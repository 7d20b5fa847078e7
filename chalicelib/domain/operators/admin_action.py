"""The names of operators' actions in the log, as people read them."""

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


def target_model_of(action: str) -> str:
    """What the action is about: `refund` of `refund_approved`."""
    return next((noun for noun in NOUNS if action.startswith(f"{noun}_")), action.partition("_")[0])


def description_of(action: str) -> str:
    """The action as a phrase: `Refund approved`."""
    return action.replace("_", " ").capitalize()
