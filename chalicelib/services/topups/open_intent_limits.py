"""Limits how many top-ups one customer opens: each open one is looked up at its gateway again and again."""

from datetime import timedelta

from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.ids import first_id_of
from chalicelib.tables import intents
from chalicelib.world import World

HOUR = timedelta(hours=1)


def oldest_of_too_many(world: World, user_id: str) -> Intent | None:
    """The user's oldest unpaid top-up, to be offered again, when `open_intents_per_user` are open. Otherwise None.

    The read is strongly consistent. Raises Problem("rate_limited") when the user opened `intents_per_user_hour`
    within an hour and paid none of them.
    """
    now, settings = world.now(), world.settings()
    window = max(HOUR, timedelta(minutes=settings.intent_ttl_minutes))
    recent = list(intents.of_user(user_id, after=first_id_of(now - window)))
    unpaid = [intent for intent in recent if intent.shown_state(now)[0] is IntentState.PENDING]
    if len(unpaid) >= settings.open_intents_per_user:
        return min(unpaid, key=lambda intent: intent.created_at)
    unsuccessful = [intent for intent in recent if intent.state is not IntentState.SUCCESS]
    in_hour = [intent.created_at for intent in unsuccessful if intent.created_at > now - HOUR]
    if len(in_hour) >= settings.intents_per_user_hour:
        free_at = sorted(in_hour)[-settings.intents_per_user_hour] + HOUR
        raise Problem("rate_limited", retry_after_seconds=max(1, int((free_at - now).total_seconds()) + 1))
    return None
