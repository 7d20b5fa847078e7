"""Limits the log-in tries of operators. The wrong passwords of a stranger do not lock an operator out."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.problems import Problem
from chalicelib.services.auth import identifier_keys, known_devices
from chalicelib.tables import rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


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
    device_id = known_devices.read(world, known_devices.OPERATORS, email_key, device_token)
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
    """The token by which the device is known at its next log-ins to this account."""
    days = world.settings().admin_device_days
    return known_devices.sign(world, known_devices.OPERATORS, login_try.email_key, login_try.device_id, days=days)
