"""The references under which gateways and callers name top-up intents."""

from dataclasses import dataclass

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Key, Row, entity


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
    return Key(ReferenceRow, f"intent#{intent_id}", None, lambda row: entity(row, Pointer))


def reference_key(gateway: str, reference: str) -> Key[Pointer]:
    """The key of the intent that has `reference` at the gateway."""
    return Key(ReferenceRow, f"{gateway}#{reference}", None, lambda row: entity(row, Pointer))


def credit_reference(payment_ref: str) -> str:
    """The reference under which a gateway's transaction names the intent that it credited."""
    return f"credited#{payment_ref}"


def name_by_id(ops: Transaction, intent: Intent) -> None:
    """Stage the reference of a new intent by its id."""
    ops.add(ReferenceRow(reference=f"intent#{intent.intent_id}", user_id=intent.user_id, intent_id=intent.intent_id))


def claim_reference(ops: Transaction, intent: Intent, reference: str, *, conflict: Exception) -> None:
    """Reserve `reference` at the intent's gateway for this intent. Raises `conflict` when it is taken."""
    row = ReferenceRow(reference=f"{intent.gateway}#{reference}", user_id=intent.user_id, intent_id=intent.intent_id)
    ops.add(row, conflict=conflict)
