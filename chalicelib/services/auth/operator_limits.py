"""Limits the log-in tries of operators. The wrong passwords of a stranger do not lock an operator out."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.ids import is_id
from chalicelib.domain.problems import Problem
from chalicelib.services.auth import identifier_keys
from chalicelib.tables import rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World

KNOWN_DEVICE = "known-device"


@dataclass(frozen=True)
class LoginTry:
    """One counted try. `own_counter` counts the tries for this account from this device or network address.

    `shared_counters` count all tries for the account, and all tries from the address. A known device has none.
    """

    email_key: str
    device_id: str
    own_counter: str
    shared_counters: tuple[str, ...] = ()


def count_try(world: World, email_key: str, address: str, device_token: str | None) -> LoginTry:
    """Count one try before the password is hashed. Known and unknown e-mail addresses have the same limits.

    A device that signed in to the account before has tries of its own: no limit of the account and no limit of its
    address stops it. Raises Problem("rate_limited"); then nothing is counted.
    """
    now, settings = world.now(), world.settings()
    window = timedelta(minutes=settings.admin_login_window_minutes)
    number = int(now.timestamp() // window.total_seconds())
    device_id = _known_device(world, email_key, device_token)
    if device_id is not None:
        login_try = LoginTry(email_key, device_id, f"login#device#{device_id}#{number}")
    else:
        where = identifier_keys.address_key(world, address)
        shared = (f"login#account#{email_key}#{number}", f"login#address#{where}#{number}")
        login_try = LoginTry(email_key, world.new_id(), f"login#{email_key}#{where}#{number}", shared)
    caps = (
        settings.admin_login_tries,
        settings.admin_login_tries_per_account,
        settings.admin_login_tries_per_address,
    )
    limit = Problem("rate_limited", retry_after_seconds=int(window.total_seconds()))

    def decide(ops: Transaction) -> None:
        for name, cap in zip((login_try.own_counter, *login_try.shared_counters), caps, strict=False):
            rate_limits.count(ops, name, cap, now + 2 * window, conflict=limit)

    atomic(world, decide)
    return login_try


def stage_success(ops: Transaction, login_try: LoginTry) -> None:
    """Stage that the try had the right password: it counts against no limit, and the own counter starts again."""
    rate_limits.reset(ops, login_try.own_counter)
    for name in login_try.shared_counters:
        rate_limits.uncount(ops, name)


def device_token(world: World, login_try: LoginTry) -> str:
    """The token by which the device is known at its next log-ins to this account. It gives no access by itself."""
    until = world.now() + timedelta(days=world.settings().admin_device_days)
    claims = {"sub": login_try.email_key, "jti": login_try.device_id}
    return world.tokens.sign(claims, audience=KNOWN_DEVICE, until=until)


def _known_device(world: World, email_key: str, token: str | None) -> str | None:
    """The id of a device that signed in to the account before. None for any other token."""
    if not token:
        return None
    try:
        claims = world.tokens.read(token, audience=KNOWN_DEVICE)
    except Problem:
        return None
    device_id = claims.get("jti")
    return str(device_id) if claims.get("sub") == email_key and is_id(device_id) else None
