"""Limits the log-in tries of operators. The wrong passwords of a stranger do not lock an operator out."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import identifier_keys, known_devices
from chalicelib.tables import rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


@dataclass(frozen=True, kw_only=True)
class CountedTry:
    """One counted try. `own_counter` counts the tries of this caller, or those for this account from one place.

    `shared_counters` count all tries for the account, and all tries from the address.
    """

    own_counter: str
    shared_counters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoginTry(CountedTry):
    """A try to log in from a device or a network address. A known device has no shared counters."""

    email_key: str
    device_id: str


def count_try(world: World, email_key: str, address: str, device_token: str | None) -> LoginTry:
    """Count one try before the password is hashed. Known and unknown e-mail addresses have the same limits.

    A device that signed in to the account before has tries of its own: no limit of the account and no limit of its
    address stops it. Raises Problem("rate_limited"); then nothing is counted.
    """
    number = _window_number(world)
    device_id = known_devices.read(world, known_devices.OPERATORS, email_key, device_token)
    if device_id is not None:
        own = f"login#device#{device_id}#{number}"
        login_try = LoginTry(email_key=email_key, device_id=device_id, own_counter=own)
    else:
        where = identifier_keys.address_key(world, address)
        login_try = LoginTry(
            email_key=email_key,
            device_id=world.new_id(),
            own_counter=f"login#{email_key}#{where}#{number}",
            shared_counters=(f"login#account#{email_key}#{number}", f"login#address#{where}#{number}"),
        )
    _count(world, login_try)
    return login_try


def count_own_try(world: World, user_id: str) -> CountedTry:
    """Count one try of a signed-in operator, who types their password or a code. No stranger's try counts here.

    The tries from all addresses and devices count together. Raises Problem("rate_limited"); then nothing is counted.
    """
    counted = CountedTry(own_counter=f"login#self#{user_id}#{_window_number(world)}")
    _count(world, counted)
    return counted


def _count(world: World, counted: CountedTry) -> None:
    settings, window = world.settings(), _window(world)
    caps = (
        settings.admin_login_tries,
        settings.admin_login_tries_per_account,
        settings.admin_login_tries_per_address,
    )
    until = world.now() + 2 * window
    limit = Problem("rate_limited", retry_after_seconds=int(window.total_seconds()))

    def decide(ops: Transaction) -> None:
        for name, cap in zip((counted.own_counter, *counted.shared_counters), caps, strict=False):
            rate_limits.count(ops, name, cap, until, conflict=limit)

    atomic(world, decide)


def _window(world: World) -> timedelta:
    return timedelta(minutes=world.settings().admin_login_window_minutes)


def _window_number(world: World) -> int:
    return int(world.now().timestamp() // _window(world).total_seconds())


def stage_success(ops: Transaction, counted: CountedTry) -> None:
    """Stage that the try was right: it counts against no limit, and the own counter starts again."""
    rate_limits.reset(ops, counted.own_counter)
    for name in counted.shared_counters:
        rate_limits.uncount(ops, name)


def device_token(world: World, login_try: LoginTry) -> str:
    """The token by which the device is known at its next log-ins to this account."""
    days = world.settings().admin_device_days
    return known_devices.sign(world, known_devices.OPERATORS, login_try.email_key, login_try.device_id, days=days)
