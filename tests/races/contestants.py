"""What runs in a race: one verb each, told by plain values so that any process can run it."""

from typing import Any

from chalicelib.domain.problems import Problem
from chalicelib.services import accounts, crediting, otps, payments, points, rentals, signin
from chalicelib.services.accounts import Caller
from chalicelib.services.identities import Wanted
from chalicelib.services.rentals import Order
from chalicelib.tables import intents
from chalicelib.tables import rentals as rental_rows
from chalicelib.tables.store import Key, fetch
from chalicelib.world import World


def start(world: World, order: dict[str, Any]) -> str:
    """Begin a rental."""
    asked = Order(order["station_sn"], "1-hour")
    return rentals.start(world, _caller(world, order, *asked.reads()), asked).rental_id


def verify(world: World, order: dict[str, Any]) -> str:
    """The app asks whether the top-up was paid."""
    intent_id = order["intent_id"]
    return payments.verify(
        world, _caller(world, order, *payments.keys_of(order["user_id"], intent_id)), intent_id
    ).intent.state.value


def callback(world: World, order: dict[str, Any]) -> None:
    """The gateway's callback has reached the consumer."""
    crediting.hear_news(world, order["user_id"], order["intent_id"])


def look(world: World, order: dict[str, Any]) -> None:
    """The sweep comes by."""
    key = intents.intent_key(order["user_id"], order["intent_id"])
    intent = fetch(key)[key]
    if intent is not None:
        crediting.settle(world, intent)


def anybody(world: World, order: dict[str, Any]) -> None:
    """Whichever of the three the order names."""
    {"verify": verify, "callback": callback, "look": look}[order["as"]](world, order)


def pay_due(world: World, order: dict[str, Any]) -> str:
    """Pay what the rental owes."""
    key = rental_rows.rental_key(order["user_id"], order["rental_id"])
    return rentals.pay_due(world, _caller(world, order, key), order["rental_id"])[0].state.value


def ask(world: World, order: dict[str, Any]) -> str:
    """Ask for a code."""
    return otps.ask(world, order["identifier"], order["address"]).challenge_id


def guess(world: World, order: dict[str, Any]) -> str:
    """Guess a code."""
    return otps.verify(world, order["phone"], order["code"], None).purpose


def guess_many(world: World, order: dict[str, Any]) -> list[str]:
    """Guess at many codes, one after the other; the identifiers that were proved."""
    proved = []
    for identifier, code in order["guesses"]:
        try:
            otps.verify(world, identifier, code, None)
        except Problem as problem:
            if problem.code != "otp_wrong":
                raise
        else:
            proved.append(identifier)
    return proved


def login(world: World, order: dict[str, Any]) -> str:
    """Sign in with a proof; the session's id."""
    signed = signin.login(world, order["identifier"], order["token"])
    return signed.tokens.refresh.split(".", maxsplit=1)[0]


def be_known_by(world: World, order: dict[str, Any]) -> str | None:
    """Take an e-mail address for one's own."""
    caller = _caller(world, order, *accounts.keys_of_me(order["user_id"]))
    wanted = Wanted({"email": order["email"]}, order["proved"], order["new"])
    return accounts.change_profile(world, caller, {}, wanted).email


def award(world: World, order: dict[str, Any]) -> bool:
    """Hear a points message."""
    return points.award(world, order)


def _caller(world: World, order: dict[str, Any], *also: Key[Any]) -> Caller:
    claims = {"sub": order["user_id"], "sid": order["session_id"]}
    return accounts.authenticate(world, claims=claims, also=also)
