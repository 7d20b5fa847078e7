"""The references under which gateways and callers name top-up intents."""

from dataclasses import dataclass

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Key, Row, entity

BY_ID = "intent"
"""Stands in place of a gateway in the reference of an intent by its own id."""


@dataclass(frozen=True)
class Pointer:
    """The key of an intent."""

    user_id: str
    intent_id: str


class ReferenceRow(Row):
    """Each reference names one intent for good.

    It is `intent#{intent_id}`, `{gateway}#{the gateway's id}` or `{gateway}#credited#{the gateway's transaction}`.
    """

    class Meta:
        table_name = "gateway_references"

    reference = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    intent_id = UnicodeAttribute()


def pointer_key(intent_id: str) -> Key[Pointer]:
    """The key of an intent, for callbacks, pay pages and operators: they know only its id."""
    return reference_key(BY_ID, intent_id)


def reference_key(gateway: str, reference: str) -> Key[Pointer]:
    """The key of the intent that has `reference` at the gateway."""
    return Key(ReferenceRow, f"{gateway}#{reference}", None, lambda row: entity(row, Pointer))


def credit_reference(payment_ref: str) -> str:
    """The reference under which a gateway's transaction names the intent that it credited."""
    return f"credited#{payment_ref}"


def references_of(intent: Intent) -> list[tuple[str, str]]:
    """Every reference that names the intent: each as the gateway, or `BY_ID`, and what follows it."""
    references = [(BY_ID, intent.intent_id)]
    if intent.gateway_ref is not None:
        references.append((intent.gateway, intent.gateway_ref))
    if intent.state is IntentState.SUCCESS:
        references.append((intent.gateway, credit_reference(str(intent.credited_ref))))
    return references


def name_by_id(ops: Transaction, intent: Intent) -> None:
    """Stage the reference of a new intent by its id."""
    row = ReferenceRow(reference=f"{BY_ID}#{intent.intent_id}", user_id=intent.user_id, intent_id=intent.intent_id)
    ops.add(row)


def claim_reference(ops: Transaction, intent: Intent, reference: str, *, conflict: Exception) -> None:
    """Reserve `reference` at the intent's gateway for this intent. Raises `conflict` when it is taken."""
    row = ReferenceRow(reference=f"{intent.gateway}#{reference}", user_id=intent.user_id, intent_id=intent.intent_id)
    ops.add(row, conflict=conflict)
