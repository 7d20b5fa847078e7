"""Routes of the control API that show the service's rows: people, rentals, postings, accounts and payments."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from chalicelib.domain.money.ledger import NPR
from chalicelib.domain.payments.order_reference import intent_id_of
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import rental_code
from chalicelib.domain.text.time_text import sortable_time_text
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.tables import accounts, sessions, users
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.users import UserRow
from chalicelib.world import World
from infra.local.control.faults import PayServer
from infra.local.control.request_shapes import TEXT, RequestShape, shaped
from infra.local.control.requests import BadRequest
from infra.local.gateways.payment_book import Payment

MAX_LISTED = 1000


def records_blueprint(world: World, gateways: Mapping[str, PayServer]) -> Blueprint:
    """The routes, all of at most 1,000 items. `gateways` by name list their payments."""
    blueprint = Blueprint("rows", __name__)

    @blueprint.get("/people")
    def people() -> Response:
        """The customers, newest first, at most 1,000."""
        return jsonify(_people())

    @blueprint.post("/people/<phone>/token")
    def token(phone: str) -> Response:
        """A session of a customer without a code by SMS, which the API itself never gives."""
        found = next((row for row in UserRow.scan(consistent_read=True) if phone in (row.phone, row.email)), None)
        if found is None:
            raise BadRequest(404, f"nobody has {phone}")
        return jsonify(_begin_session(world, found.user_id))

    @blueprint.get("/rentals")
    def rentals() -> Response:
        """The rentals, newest first, at most 1,000."""
        rows = sorted(RentalRow.scan(consistent_read=True), key=lambda row: str(row.rental_id), reverse=True)
        return jsonify([_rental(row) for row in rows[:MAX_LISTED]])

    _add_money(blueprint, gateways)
    return blueprint


def _add_money(blueprint: Blueprint, gateways: Mapping[str, PayServer]) -> None:
    @blueprint.get("/postings")
    @shaped(RequestShape({"user_id": TEXT}))
    def postings() -> Response:
        """The postings of the ledger, newest first, at most 1,000: ?user_id=."""
        user_id = request.args.get("user_id")
        found = PostingRow.query(user_id, consistent_read=True) if user_id else PostingRow.scan(consistent_read=True)
        rows = sorted(found, key=lambda row: (row.at, row.seq), reverse=True)
        return jsonify([_posting(row) for row in rows[:MAX_LISTED]])

    @blueprint.get("/accounts")
    def ledger_accounts() -> Response:
        """The balance of each account of the ledger, over all users."""
        return jsonify(_balances(PostingRow.scan(consistent_read=True)))

    @blueprint.get("/payments")
    def payments() -> Response:
        """The payments at all companies, newest first, at most 1,000."""
        listed = [_payment(name, payment) for name, gateway in gateways.items() for payment in gateway.payments()]
        return jsonify(sorted(listed, key=lambda item: str(item["expires_at"]), reverse=True)[:MAX_LISTED])


def _people() -> list[dict[str, Any]]:
    accounts_by_id = {row.user_id: row for row in AccountRow.scan(consistent_read=True)}
    newest = sorted(UserRow.scan(consistent_read=True), key=lambda row: str(row.user_id), reverse=True)
    return [
        _person(user, accounts_by_id[user.user_id]) for user in newest[:MAX_LISTED] if user.user_id in accounts_by_id
    ]


def _person(user: UserRow, account: AccountRow) -> dict[str, Any]:
    money = ("wallet_paisa", "held_paisa", "due_paisa", "points")
    return {
        "user_id": user.user_id,
        "phone_number": user.phone,
        "email": user.email,
        "username": user.username,
        "status": account.status.value,
        "kyc_status": account.kyc_status.value,
        **{name: getattr(account, name) for name in money},
    }


def _begin_session(world: World, user_id: str) -> dict[str, Any]:
    keys = accounts.account_key(user_id), users.user_key(user_id), sessions.active_sessions_key(user_id)

    def decide(ops: Transaction) -> tuple[Any, Any, Any]:
        rows = fetch(*keys)
        account = auth_sessions.must_be_active(rows[keys[0]])
        return account, rows[keys[1]], auth_sessions.begin(ops, world, account, rows[keys[2]])

    try:
        account, user, session = atomic(world, decide)
    except Problem as problem:
        raise BadRequest(409, f"this customer can't sign in: {problem.code}") from problem
    tokens = auth_sessions.issue_tokens(world, account, session, user)
    return {"user_id": user_id, "access_token": tokens.access, "refresh_token": tokens.refresh}


def is_rental(code: str) -> bool:
    """Whether any customer has, or had, the rental of this code."""
    return any(rental_code(row.rental_id) == code for row in RentalRow.scan(consistent_read=True))


def _rental(row: RentalRow) -> dict[str, Any]:
    return {
        "id": row.rental_id,
        "code": rental_code(row.rental_id),
        "status": row.state.value,
        "user_id": row.user_id,
        "station_sn": row.station.sn,
        "powerbank_sn": row.powerbank_sn,
        **{name: _time(getattr(row, name)) for name in ("started_at", "due_at", "ended_at")},
    }


def _posting(row: PostingRow) -> dict[str, Any]:
    legs = [{"account": leg.account, "unit": _unit(leg.currency), "amount": leg.amount} for leg in row.legs]
    head = {"user_id": row.user_id, "seq": row.seq, "kind": row.kind.value, "ref": row.ref, "at": _time(row.at)}
    return head | {"legs": legs}


def _balances(rows: Iterable[PostingRow]) -> list[dict[str, Any]]:
    """The sum of each account over all users."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for leg in row.legs:
            sums[leg.account, _unit(leg.currency)] += leg.amount
    return [
        {"account": account, "unit": unit, "balance": balance} for (account, unit), balance in sorted(sums.items())
    ]


def _payment(gateway: str, payment: Payment) -> dict[str, Any]:
    return {
        "gateway": gateway,
        "reference": payment.reference,
        "intent_id": intent_id_of(payment.order_ref),
        "amount_paisa": payment.amount_paisa,
        "state": payment.state,
        "expires_at": _time(payment.expires_at),
    }


def _unit(currency: str) -> str:
    return "paisa" if currency == NPR else "points"


def _time(at: datetime | None) -> str | None:
    return None if at is None else sortable_time_text(at)
