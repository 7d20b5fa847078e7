"""The audit of rows that name another row: identities, references of intents, idempotency records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.operators.operator import OPERATOR_NAME
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.users.kyc import KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services.audit.account_identities import identities_of
from chalicelib.services.auth.earned_before import ACHIEVED, COUPON
from chalicelib.services.auth.referral_claims import BONUS
from chalicelib.services.rewards.referral_checks import REFERRED
from chalicelib.services.users import deletion
from chalicelib.tables import (
    accounts,
    balance_additions,
    broadcasts,
    coupons,
    idempotency,
    identities,
    intent_references,
    intents,
    kyc,
    outbox,
    postings,
    refunds,
    rentals,
    users,
)
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.tables.idempotency import IdempotencyRecord
from chalicelib.tables.intent_references import Pointer
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

Scanned = Sequence[tuple[str, Any]]
"""Rows of one page: the position after each, and what the audit reads of it."""
RESOURCES: Mapping[str, Callable[[str, str], Key[Any]]] = {
    "POST /api/payment/wallet/topup-intent": intents.intent_key,
    "POST /api/promotions/apply-coupon": coupons.use_key,
    "POST /api/rentals/start": rentals.rental_key,
    "POST /api/rentals/{rental_id}/cancel": rentals.rental_key,
    "POST /api/rentals/{rental_id}/extend": rentals.rental_key,
    "POST /api/rentals/{rental_id}/pay-due": lambda user_id, seq: postings.posting_key(user_id, int(seq)),
    "POST /api/payment/refund/{transaction_id}": lambda _, refund_id: refunds.refund_key(refund_id),
    "POST /api/admin/system/broadcast": lambda _, broadcast_id: broadcasts.broadcast_key(broadcast_id),
    "POST /api/admin/users/{user_id}/add-balance": lambda _, name: balance_additions.addition_key(name),
    "POST /api/admin/balance-additions/{addition_id}/approve": lambda _, name: balance_additions.addition_key(name),
    "POST /api/admin/balance-additions/{addition_id}/reject": lambda _, name: balance_additions.addition_key(name),
    "POST /api/admin/refunds": lambda _, refund_id: refunds.refund_key(refund_id),
    "POST /api/admin/refunds/{refund_id}/approve": lambda _, refund_id: refunds.refund_key(refund_id),
    "POST /api/admin/refunds/{refund_id}/reject": lambda _, refund_id: refunds.refund_key(refund_id),
    "POST /api/admin/refunds/{refund_id}/process": lambda _, refund_id: refunds.refund_key(refund_id),
}
"""The key of the row that each route with an Idempotency-Key makes or changes, by the ids of caller and resource."""


@dataclass(frozen=True)
class IdentityCase:
    """An identity, and the rows of the user that it names."""

    identity: str
    owner: str | None
    account: Account | None = None
    user: User | None = None
    submission: KycSubmission | None = None
    erasing: bool = False


def load_identity(world: World, identity: str) -> IdentityCase:  # noqa: ARG001  every check loads by world and id
    """The case of one identity. Raises Problem("storage_unavailable")."""
    kind, _, value = identity.partition("#")
    owner = fetch_one(identities.identity_key(kind, value))
    if owner is None:
        return IdentityCase(identity, None)
    return _identity_case(identity, owner, fetch_all(_owner_keys(owner)))


def suspect_identities(world: World, rows: Scanned) -> Scanned:
    """Those of scanned identities that look wrong after one read of all their owners."""
    owners = {owner for _, (_, owner) in rows}
    found = fetch_all([key for owner in sorted(owners) for key in _owner_keys(owner)])
    cases = [(position, _identity_case(identity, owner, found)) for position, (identity, owner) in rows]
    return [(position, case.identity) for position, case in cases if any(identity_violations(world, case))]


def _owner_keys(owner: str) -> list[Key[Any]]:
    return [
        accounts.account_key(owner),
        users.user_key(owner),
        kyc.kyc_submission_key(owner),
        outbox.message_key(deletion.message_id_of(owner)),
    ]


def _identity_case(identity: str, owner: str, found: Found) -> IdentityCase:
    account, user, submission, message = (found[key] for key in _owner_keys(owner))
    return IdentityCase(identity, owner, account, user, submission, message is not None)


def identity_violations(world: World, case: IdentityCase) -> Iterator[Violation]:
    """An identity names a live user who has it. The rows of points that were earned outlive their user."""
    kind, _, value = case.identity.partition("#")
    if case.owner is None or kind in (BONUS, REFERRED, COUPON, ACHIEVED, OPERATOR_NAME):
        return
    if case.account is not None and case.account.deleted:
        if not case.erasing:
            yield Violation("deleted_account_has_identity", case.owner, kind)
    elif case.account is None or case.user is None:
        yield Violation("identity_without_user", case.owner, kind)
    elif (kind, value) not in identities_of(world, case.user, case.submission):
        yield Violation("identity_not_of_its_user", case.owner, kind)


@dataclass(frozen=True)
class ReferenceCase:
    """A reference, and the intent that it names."""

    reference: str
    pointer: Pointer | None
    intent: Intent | None


def load_reference(world: World, reference: str) -> ReferenceCase:  # noqa: ARG001  every check loads by world and id
    """The case of one reference. Raises Problem("storage_unavailable")."""
    gateway, _, name = reference.partition("#")
    pointer = fetch_one(intent_references.reference_key(gateway, name))
    intent = fetch_one(intents.intent_key(pointer.user_id, pointer.intent_id)) if pointer else None
    return ReferenceCase(reference, pointer, intent)


def suspect_references(world: World, rows: Scanned) -> Scanned:
    """Those of scanned references that look wrong after one read of their intents."""
    keys = {pointer: intents.intent_key(pointer.user_id, pointer.intent_id) for _, (_, pointer) in rows}
    found = fetch_all([*keys.values()])
    cases = [(position, ReferenceCase(name, pointer, found[keys[pointer]])) for position, (name, pointer) in rows]
    return [(position, case.reference) for position, case in cases if any(reference_violations(world, case))]


def reference_violations(world: World, case: ReferenceCase) -> Iterator[Violation]:  # noqa: ARG001  as every check
    """A reference names an intent, and that of a credit an intent that it credited."""
    if case.pointer is None:
        return
    if case.intent is None:
        yield Violation("reference_without_intent", case.reference)
        return
    gateway, _, name = case.reference.partition("#")
    credited = (case.intent.gateway, intent_references.credit_reference(str(case.intent.credited_ref)))
    is_credit = name.startswith(intent_references.credit_reference(""))
    if is_credit and (case.intent.state is not IntentState.SUCCESS or (gateway, name) != credited):
        yield Violation("credited_reference_differs", case.intent.intent_id, case.reference)


@dataclass(frozen=True)
class RecordCase:
    """An idempotency record, and whether what it names exists. `exists` is None for an unknown route."""

    record: IdempotencyRecord | None
    exists: bool | None = None


def load_record(world: World, name: tuple[str, str]) -> RecordCase:  # noqa: ARG001  every check loads by world and id
    """The case of one record, named by user id and name. Raises Problem("storage_unavailable")."""
    record = fetch_one(idempotency.record_key(*name))
    resource_key = RESOURCES.get(record.name.partition("#")[0]) if record else None
    if record is None or resource_key is None:
        return RecordCase(record)
    return RecordCase(record, fetch_one(resource_key(record.user_id, record.resource_id)) is not None)


def suspect_records(world: World, rows: Scanned) -> Scanned:  # noqa: ARG001  every check selects by world and rows
    """Those of scanned records whose row does not exist, after one read of all these rows."""
    named = [
        (position, (user_id, name), RESOURCES[name.partition("#")[0]](user_id, resource_id))
        for position, (user_id, name, resource_id) in rows
        if name.partition("#")[0] in RESOURCES
    ]
    found = fetch_all([*dict.fromkeys(key for *_, key in named)])
    return [(position, subject) for position, subject, key in named if found[key] is None]


def record_violations(world: World, case: RecordCase) -> Iterator[Violation]:  # noqa: ARG001  as every check
    """What a stored response promises exists."""
    if case.record is not None and case.exists is False:
        route = case.record.name.partition("#")[0]
        yield Violation("answered_without_effect", case.record.resource_id, f"{route} of {case.record.user_id}")
