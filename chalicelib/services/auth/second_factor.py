"""The second factor of operators: enrolment, codes at the sign-in, recovery codes (decision 0063)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators import totp
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.sessions.active_sessions import ActiveSessions
from chalicelib.domain.text.grouped_digits import digits_of, letters_and_digits_of
from chalicelib.domain.text.ids import ALPHABET
from chalicelib.services import audit_log, field_encryption
from chalicelib.services.auth import operator_limits, operator_passwords
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts, operators, sessions
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

RECOVERY_CODES = 10
RECOVERY_CHARACTERS = 12
"""60 random bits, of 32 letters and digits each."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs. Nobody can read it a second time."""

    secret: str
    uri: str


def enrol(world: World, caller: Caller, password: str) -> Enrolment:
    """Give the operator, who types the password again, a new secret. It counts once its first code is confirmed.

    Raises Problem: not_found, password_wrong, rate_limited, second_factor_exists.
    """
    checked = operator_passwords.check_own(world, caller, password)
    secret = world.random_bytes(totp.SECRET_BYTES)
    sealed = field_encryption.encrypt(world, totp.secret_text(secret), caller.user_id)

    def decide(ops: Transaction) -> Operator:
        fresh_caller(world, caller, ops)
        operator = _operator(caller.user_id)
        if operator.has_second_factor:
            raise Problem("second_factor_exists")
        operators.save(ops, replace(operator, sealed_secret=sealed, last_step=0))
        checked.stage_use(ops)
        audit_log.record(
            ops, world, caller.user_id, _action("second_factor_enrolled", caller.user_id, before=False, after=False)
        )
        return operator

    operator = atomic(world, decide)
    return Enrolment(totp.secret_text(secret), totp.enrolment_uri(secret, operator.email))


def confirm(world: World, caller: Caller, code: str) -> Sequence[str]:
    """Turn the second factor on, and end all sessions: they began without it. Returns the recovery codes, once.

    Raises Problem: not_found, second_factor_exists, second_factor_wrong, rate_limited.
    """
    codes = [_new_recovery_code(world) for _ in range(RECOVERY_CODES)]
    digests = tuple(_recovery_digest(world, caller.user_id, recovery) for recovery in codes)
    counted = operator_limits.count_own_try(world, caller.user_id)
    active_sessions_key = sessions.active_sessions_key(caller.user_id)

    def decide(ops: Transaction) -> None:
        account, operator = fresh_caller(world, caller, ops).account, _operator(caller.user_id)
        if operator.has_second_factor:
            raise Problem("second_factor_exists")
        confirmed = _with_code_used(world, operator, code)
        if confirmed is None:
            raise Problem("second_factor_wrong")
        now = world.now()
        operators.save(ops, replace(confirmed, second_factor_at=now, recovery_digests=digests))
        with_factor = replace(account, second_factor=True)
        listed = fetch_one(active_sessions_key) or ActiveSessions(caller.user_id)
        auth_sessions.end_all(ops, with_factor, listed)
        operator_limits.stage_success(ops, counted)
        audit_log.record(
            ops, world, caller.user_id, _action("second_factor_confirmed", caller.user_id, before=False, after=True)
        )

    atomic(world, decide)
    return codes


def disable(world: World, caller: Caller, code: str) -> None:
    """Turn the second factor off, by a code or a recovery code.

    Raises Problem: not_found, second_factor_wrong, rate_limited.
    """
    counted = operator_limits.count_own_try(world, caller.user_id)

    def decide(ops: Transaction) -> None:
        account, operator = fresh_caller(world, caller, ops).account, _operator(caller.user_id)
        if not operator.has_second_factor:
            raise Problem("not_found")
        if _used(world, operator, code) is None:
            raise Problem("second_factor_wrong")
        operator_limits.stage_success(ops, counted)
        stage_removal(ops, account, operator)
        audit_log.record(
            ops, world, caller.user_id, _action("second_factor_disabled", caller.user_id, before=True, after=False)
        )

    atomic(world, decide)


def stage_removal(ops: Transaction, account: Account, operator: Operator) -> None:
    """Stage the account and the operator without a second factor."""
    accounts.save(ops, replace(account, second_factor=False))
    operators.save(ops, operator.without_second_factor())


def stage_use(ops: Transaction, world: World, account: Account, operator: Operator | None, code: str | None) -> None:
    """Stage the use of the code that a sign-in needs. An account without a second factor needs none.

    Each code and each recovery code counts once. Raises Problem: second_factor_needed, second_factor_wrong.
    """
    if not account.second_factor:
        return
    if code is None:
        raise Problem("second_factor_needed")
    used = _used(world, operator, code) if operator is not None else None
    if used is None:
        raise Problem("second_factor_wrong")
    operators.save(ops, used)


def _used(world: World, operator: Operator, code: str) -> Operator | None:
    """The operator after the use of a code or of a recovery code. None for a wrong or used one."""
    return _with_code_used(world, operator, code) or operator.with_recovery_used(
        _recovery_digest(world, operator.user_id, code)
    )


def _with_code_used(world: World, operator: Operator, code: str) -> Operator | None:
    if operator.sealed_secret is None:
        return None
    secret = field_encryption.decrypt(world, operator.sealed_secret, operator.user_id)
    return operator.with_code_used(totp.secret_of(secret), digits_of(code) or code, world.now())


def _new_recovery_code(world: World) -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in world.random_bytes(RECOVERY_CHARACTERS))


def _recovery_digest(world: World, user_id: str, code: str) -> str:
    return world.digests.digest("recovery-code", user_id, letters_and_digits_of(code)).hex()


def _operator(user_id: str) -> Operator:
    return must_exist(fetch_one(operators.operator_key(user_id)))


def _action(name: str, operator_id: str, *, before: bool, after: bool) -> AdminAction:
    changes = {"before": {"second_factor": before}, "after": {"second_factor": after}}
    return AdminAction(name, operator_id, changes)
