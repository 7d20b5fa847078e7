"""Super admins make, change, disable and remove the accounts of other operators.

Every change also writes the caller's account under its version. So two super admins who disable each other meet in
one of the two accounts, the second one is refused, and an active super admin is always left (decision 0062).
"""

from dataclasses import replace

from chalicelib import log
from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.auth.email import parse_email_address
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.operator import MAX_OPERATORS, OPERATOR_NAME, Operator
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.services import audit_log
from chalicelib.services.admin import operator_profiles
from chalicelib.services.admin.operator_profiles import Profile
from chalicelib.services.auth import identifier_keys, operator_passwords, second_factor
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts, credentials, identities, operators
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def create(world: World, caller: Caller, *, username: str, email: str, role: Role) -> tuple[Profile, str]:
    """Make an operator without a password. Returns the profile, and the setup token for its first password.

    Raises Problem: invalid_input, username_taken, operator_exists, operators_full.
    """
    operator = _new_operator(world, username, email, created_by=caller.user_id)
    account = Account(operator.user_id, role=role)

    def decide(ops: Transaction) -> None:
        _stage_caller(ops, world, caller)
        present = operators.not_removed()
        if len(present) >= MAX_OPERATORS:
            raise Problem("operators_full", limit=MAX_OPERATORS)
        # Whoever makes another operator at the same time writes this row too, and counts again.
        operators.save(ops, present[0])
        _stage_new(ops, world, operator, account)
        audit_log.record(ops, world, caller.user_id, _action("operator_created", operator, None, account))

    atomic(world, decide)
    log.fact("operator_created", user_id=operator.user_id)
    profile = operator_profiles.read(operator.user_id)
    return profile, operator_passwords.setup_token(world, profile.operator)


class OperatorsPresent(Exception):
    """The installation has operators, so that a super admin makes the next one."""


def create_first(world: World, *, username: str, email: str) -> str:
    """Make the first super admin of a new installation. Returns the setup token for the first password.

    Raises OperatorsPresent when there is any operator, and Problem: invalid_input, username_taken, operator_exists.
    """
    operator = _new_operator(world, username, email, created_by=None)
    account = Account(operator.user_id, role=Role.SUPER_ADMIN)

    def decide(ops: Transaction) -> None:
        if operators.not_removed():
            raise OperatorsPresent
        _stage_new(ops, world, operator, account)
        audit_log.record(ops, world, operator.user_id, _action("operator_created", operator, None, account))

    atomic(world, decide)
    log.fact("operator_created", user_id=operator.user_id)
    return operator_passwords.setup_token(world, operator)


def _new_operator(world: World, username: str, email: str, *, created_by: str | None) -> Operator:
    address = parse_email_address(email)
    if address is None:
        raise Problem("invalid_input", errors={"email": [validation_message("email_format")]})
    return Operator(world.new_id(), username, address, world.now(), created_by=created_by, setup_id=world.new_id())


def _stage_new(ops: Transaction, world: World, operator: Operator, account: Account) -> None:
    """Stage the rows of a new operator. Raises Problem: operator_exists, username_taken."""
    email_key = identifier_keys.identifier_key(world, operator.email)
    if fetch_one(credentials.credentials_key(email_key)) is not None:
        raise Problem("operator_exists")
    name_taken = Problem("username_taken", errors={"username": [validation_message("username_taken")]})
    identities.claim_identity(ops, OPERATOR_NAME, operator.username.lower(), operator.user_id, conflict=name_taken)
    accounts.save(ops, account)
    operators.save(ops, operator)
    operator_passwords.stage_new(ops, world, operator, conflict=Problem("operator_exists"))


def change(world: World, caller: Caller, user_id: str, *, role: Role | None, is_active: bool | None) -> Profile:
    """Change the role of another operator, disable or enable the account, from the next request on.

    A disabling ends every session for good. Raises Problem: not_found, forbidden for the caller's own account.
    """

    def decide(ops: Transaction) -> None:
        account, operator = _other(ops, world, caller, user_id)
        status = account.status if is_active is None else Status.ACTIVE if is_active else Status.BANNED
        disabled = account.status is Status.ACTIVE and status is Status.BANNED
        epoch = account.token_epoch + disabled
        changed = replace(account, role=role or account.role, status=status, token_epoch=epoch)
        if changed != account:
            _stage_caller(ops, world, caller)
            accounts.save(ops, changed)
            audit_log.record(ops, world, caller.user_id, _action("operator_changed", operator, account, changed))

    atomic(world, decide)
    return operator_profiles.read(user_id)


def remove(world: World, caller: Caller, user_id: str) -> None:
    """Remove another operator for good: no sign-in, no personal data but the username that the log names.

    Raises Problem: not_found, forbidden for the caller's own account.
    """

    def decide(ops: Transaction) -> None:
        account, operator = _other(ops, world, caller, user_id)
        removed = replace(account, status=Status.BANNED, second_factor=False, token_epoch=account.token_epoch + 1)
        _stage_caller(ops, world, caller)
        accounts.save(ops, removed)
        credentials.remove(ops, identifier_keys.identifier_key(world, operator.email))
        operators.save(ops, operator.removed(world.now()))
        audit_log.record(ops, world, caller.user_id, _action("operator_removed", operator, account, removed))

    atomic(world, decide)


def reissue_setup(world: World, caller: Caller, user_id: str) -> str:
    """End the password and the sessions of another operator. Returns the setup token for the next password.

    Raises Problem: not_found, forbidden for the caller's own account.
    """
    setup_id = world.new_id()

    def decide(ops: Transaction) -> Operator:
        account, operator = _other(ops, world, caller, user_id)
        _stage_caller(ops, world, caller)
        operators.save(ops, replace(operator, setup_id=setup_id))
        operator_passwords.end_password(ops, world, account, operator)
        audit_log.record(ops, world, caller.user_id, _action("operator_setup_issued", operator, account, account))
        return replace(operator, setup_id=setup_id)

    return operator_passwords.setup_token(world, atomic(world, decide))


def reset_second_factor(world: World, caller: Caller, user_id: str) -> Profile:
    """Remove the second factor of another operator who has lost it. Raises Problem: not_found, forbidden."""

    def decide(ops: Transaction) -> None:
        account, operator = _other(ops, world, caller, user_id)
        if operator.sealed_secret is None:
            return
        changed = replace(account, second_factor=False)
        _stage_caller(ops, world, caller)
        second_factor.stage_removal(ops, account, operator)
        audit_log.record(ops, world, caller.user_id, _action("second_factor_reset", operator, account, changed))

    atomic(world, decide)
    return operator_profiles.read(user_id)


def _other(ops: Transaction, world: World, caller: Caller, user_id: str) -> tuple[Account, Operator]:
    """The rows of an operator who is not the caller."""
    fresh_caller(world, caller, ops)
    if user_id == caller.user_id:
        raise Problem("forbidden")
    return operator_profiles.present_rows(user_id)


def _stage_caller(ops: Transaction, world: World, caller: Caller) -> None:
    """Write the caller's account under its version, so that nobody changes it at the same time."""
    accounts.save(ops, fresh_caller(world, caller, ops).account)


def _action(name: str, operator: Operator, before: Account | None, after: Account) -> AdminAction:
    changes = {"username": operator.username, "before": _facts(before), "after": _facts(after)}
    return AdminAction(name, operator.user_id, changes)


def _facts(account: Account | None) -> dict[str, object] | None:
    if account is None:
        return None
    return {
        "role": account.role.value,
        "is_active": account.status is Status.ACTIVE,
        "second_factor": account.second_factor,
    }
