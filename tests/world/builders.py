"""A network with customers in it, made by the service's own verbs."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.operators.role import Role
from chalicelib.domain.sessions.session import Session
from chalicelib.services import caller
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.caller import Caller
from chalicelib.services.stations import listing_refresh
from chalicelib.tables import accounts, cabinets, sessions
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World
from infra.local.seeds import seed
from infra.local.seeds.demo_stations import FLEET, DemoStation

FAST_PASSWORD_COST = 2
"""scrypt's cost for the passwords of tests. The real cost takes 30 ms."""
LABIM, CIVIL, LAKESIDE, _ = FLEET


def phone(number: int) -> str:
    """A Nepali mobile number that no other customer of the tests has."""
    return f"+9779841{100_000 + number:06d}"


def network(world: World, *stations: DemoStation) -> None:
    """Packages, settings, an operator and the named stations (all of the fleet when none is named)."""
    seed.seed(world, "empty", password_cost=FAST_PASSWORD_COST)
    for station in stations or FLEET:
        seed.add_station(world, station)
    listing_refresh.refresh(world)


def customer(world: World, number: int = 0, *, wallet_paisa: int = 100_000) -> str:
    """A customer who may rent, with so much in the wallet and no points. Returns the user id."""
    user_id = seed.add_customer(world, phone(number), f"customer{number}")
    seed.make_eligible(world, user_id)
    if wallet_paisa:
        seed.fill_wallet(world, user_id, wallet_paisa)
    return user_id


def operator_account(world: World, email: str, password: str, role: Role) -> str:
    """An account that may sign in by password. Returns its id."""
    return seed.add_operator(world, email, password, role, cost=FAST_PASSWORD_COST)


def account(user_id: str) -> Account:
    """The account as it is stored now."""
    stored = fetch_one(accounts.account_key(user_id))
    assert stored is not None
    return stored


def cabinet(sn: str = LABIM.sn) -> Cabinet:
    """The cabinet of a station as it is stored now."""
    stored = fetch_one(cabinets.cabinet_key(sn))
    assert stored is not None
    return stored


@dataclass
class SignedIn:
    """A customer's session, to make callers of."""

    user_id: str
    session_id: str

    def caller(self, world: World, *also: Key[Any]) -> Caller:
        return caller.authenticate(world, claims={"sub": self.user_id, "sid": self.session_id}, prefetch=also)


def sign_in(world: World, user_id: str) -> SignedIn:
    """Sign a user in on one more device."""
    account_key, active_sessions_key = accounts.account_key(user_id), sessions.active_sessions_key(user_id)

    def decide(ops: Transaction) -> Session:
        rows = fetch(account_key, active_sessions_key)
        return auth_sessions.begin(ops, world, rows[account_key] or Account(user_id), rows[active_sessions_key])

    session = atomic(world, decide)
    return SignedIn(user_id, session.session_id)
