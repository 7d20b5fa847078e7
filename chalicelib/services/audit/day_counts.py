"""The audit of what one user's rentals and top-ups count in the counters of days."""

from collections.abc import Iterator, Sequence

from chalicelib.domain.analytics.day_facts import intent_facts, rental_facts
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables import day_counters, uncounted
from chalicelib.tables.day_counters import intent_subject, rental_subject


def miscounted(user_id: str, rentals: Sequence[Rental], intents: Sequence[Intent]) -> frozenset[str]:
    """The subjects that count something else than what is stored of them, and do not wait to be counted again.

    What has never been counted is left to the recount of its day. Raises Problem("storage_unavailable").
    """
    facts = {rental_subject(rental.rental_id): rental_facts(rental) for rental in rentals}
    facts |= {intent_subject(intent.intent_id): intent_facts(intent) for intent in intents}
    counted = day_counters.counted_of(user_id, facts.keys())
    differing = [subject for subject, now in facts.items() if counted.get(subject, now) != now]
    return frozenset(subject for subject in differing if not uncounted.is_waiting(subject))


def day_count_violations(subjects: frozenset[str]) -> Iterator[Violation]:
    for subject in sorted(subjects):
        yield Violation("day_counts_differ", subject)
