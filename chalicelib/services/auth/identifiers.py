"""Changes a user's identifiers: username, phone number and email address."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.domain.auth.identifier import IdentifierKind, parse_identifier
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_codes import ValidationCode
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifier_keys
from chalicelib.services.auth import otp as otp_codes
from chalicelib.tables import identities, otp
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World

FIELD_NAMES = {IdentifierKind.PHONE: "phone_number", IdentifierKind.EMAIL: "email"}
FORMAT_CODES: Mapping[IdentifierKind, ValidationCode] = {
    IdentifierKind.PHONE: "phone_number_format",
    IdentifierKind.EMAIL: "email_format",
}
"""The names of the fields in requests."""


@dataclass(frozen=True)
class IdentifierChange:
    """A change of identifiers. `changes` holds the new username, phone_number and email; a missing name stays.

    None removes a phone number or an email address. `verification_token` proves an identifier that the account has
    (purpose `login`). `identifier_token` proves the new one (purpose `register`).
    """

    changes: Mapping[str, str | None] = field(default_factory=dict)
    verification_token: str | None = None
    identifier_token: str | None = None


NO_CHANGE = IdentifierChange()


def apply_change(
    ops: Transaction, world: World, user: User, change: IdentifierChange
) -> tuple[User, tuple[str, ...]]:
    """The changed user, and the identities that changed. Stages their rows and spends the proofs in `ops`.

    The caller saves the user in the same transaction. Raises Problem: invalid_input, verification_needed,
    verification_token_invalid, already_registered, username_taken.
    """
    after = _with_changes(user, change.changes)
    kinds = tuple(name for name in ("username", "phone", "email") if getattr(after, name) != getattr(user, name))
    if not kinds:
        return user, ()
    own = {identifier_keys.identifier_key(world, text) for text in (user.phone, user.email) if text is not None}
    proof = otp_codes.read_proof(world, _require_token(change.verification_token, "verification_token"), "login")
    if proof.key not in own:
        raise Problem("verification_token_invalid")
    otp_codes.spend(ops, proof)
    if after.username.lower() != user.username.lower():
        username_taken = Problem("username_taken", errors={"username": [validation_message("username_taken")]})
        identities.claim_identity(ops, "username", after.username.lower(), user.user_id, conflict=username_taken)
        identities.remove_identity(ops, "username", user.username.lower())
    for kind in IdentifierKind:
        if kind.value in kinds:
            _move(ops, world, user, after, kind, change.identifier_token)
    return after, kinds


def delete_old_challenges(world: World, before: User, after: User) -> None:
    """Delete the challenges of removed identifiers, since their rows hold the identifier in plain text.

    A failure of storage is ignored: the rows expire within a day.
    """
    for text in {before.phone, before.email} - {after.phone, after.email, None}:
        with suppress(Problem):
            otp.delete_challenges(otp_codes.challenge_ids_of(world, str(text)))


def _with_changes(user: User, changes: Mapping[str, str | None]) -> User:
    after = user
    if "username" in changes:
        if changes["username"] is None:
            raise Problem("invalid_input", errors={"username": [validation_message("username_not_removable")]})
        after = replace(after, username=changes["username"])
    if "phone_number" in changes:
        after = replace(after, phone=_text(changes["phone_number"], IdentifierKind.PHONE))
    if "email" in changes:
        after = replace(after, email=_text(changes["email"], IdentifierKind.EMAIL))
    if after.phone is None and after.email is None:
        raise Problem(
            "invalid_input", errors={name: [validation_message("last_identifier")] for name in _removed(changes)}
        )
    new = [kind for kind in IdentifierKind if getattr(after, kind.value) not in (None, getattr(user, kind.value))]
    if len(new) > 1:
        raise Problem(
            "invalid_input",
            errors={FIELD_NAMES[kind]: [validation_message("one_identifier_at_a_time")] for kind in new},
        )
    return after


def _removed(changes: Mapping[str, str | None]) -> Iterable[str]:
    return (name for name in FIELD_NAMES.values() if name in changes and changes[name] is None)


def _text(written: str | None, kind: IdentifierKind) -> str | None:
    """The normalised identifier. Raises Problem("invalid_input") for one of another kind."""
    if written is None:
        return None
    identifier = parse_identifier(written)
    if identifier is None or identifier.kind is not kind:
        raise Problem("invalid_input", errors={FIELD_NAMES[kind]: [validation_message(FORMAT_CODES[kind])]})
    return identifier.text


def _move(ops: Transaction, world: World, user: User, after: User, kind: IdentifierKind, token: str | None) -> None:
    """Replace the identity row of the old identifier by that of the new one. `token` proves the new one."""
    before: str | None = getattr(user, kind.value)
    text: str | None = getattr(after, kind.value)
    if before is not None:
        identities.remove_identity(ops, kind, identifier_keys.identifier_key(world, before))
    if text is not None:
        proof = otp_codes.read_proof(world, _require_token(token, "identifier_token"), "register")
        if proof.key != identifier_keys.identifier_key(world, text):
            raise Problem("verification_token_invalid")
        otp_codes.spend(ops, proof)
        identities.claim_identity(ops, kind, proof.key, user.user_id, conflict=Problem("already_registered"))


def _require_token(token: str | None, name: str) -> str:
    """Raises Problem("verification_needed") with a validation message under the field."""
    if token is None:
        raise Problem("verification_needed", errors={name: [validation_message("confirm_first")]})
    return token
