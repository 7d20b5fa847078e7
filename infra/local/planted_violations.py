"""Changes stored rows without the service's rules, so that the audit has a violation to find, and puts them back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from flask import Blueprint, Response, jsonify

from chalicelib.domain.leaderboard import score_shard_of
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.leaderboards import ScoreRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.rows import Row
from infra.local.control_requests import BadRequest, Fields, carry_out, read_fields

Item = dict[str, dict[str, Any]]
RawKey = dict[str, dict[str, str]]
Change = Callable[[Item], Item | None]
"""Makes a stored row wrong. None deletes it."""
UNKNOWN_ID = "0" * 26
MAX_TRIES = 10


class Kind(NamedTuple):
    """What is damaged of a user, or of a power bank, and the rule of the audit that finds it."""

    model: type[Row]
    key_of: Callable[[str], RawKey]
    change: Change
    rule: str
    meaning: str


def _account(user_id: str) -> RawKey:
    return {"user_id": {"S": user_id}}


def _score(user_id: str) -> RawKey:
    return {"shard": {"S": score_shard_of(user_id)}, "user_id": {"S": user_id}}


def _last_but_one_posting(user_id: str) -> RawKey:
    row = next(PostingRow.query(user_id, scan_index_forward=False, limit=1), None)
    if row is None or row.seq < 2:
        raise LookupError(f"two postings of {user_id}")
    return {"user_id": {"S": user_id}, "seq": {"N": str(row.seq - 1)}}


def _identity(user_id: str) -> RawKey:
    rows = IdentityRow.scan(IdentityRow.user_id == user_id)
    row = next((row for row in rows if row.identity.startswith("phone#")), None)
    if row is None:
        raise LookupError(f"a phone number of {user_id}")
    return {"identity": {"S": row.identity}}


def _powerbank(powerbank_sn: str) -> RawKey:
    return {"powerbank_sn": {"S": powerbank_sn}}


def _raised(name: str) -> Change:
    return lambda item: item | {name: {"N": str(int(item[name]["N"]) + 1)}}


def _changed(**fields: str) -> Change:
    return lambda item: item | {name: {"S": value} for name, value in fields.items()}


def _as_rented(item: Item) -> Item:
    without_slot = {name: value for name, value in item.items() if name not in ("station_sn", "slot_number")}
    rented = {"custody": "rented", "user_id": UNKNOWN_ID, "rental_id": UNKNOWN_ID}
    return without_slot | {name: {"S": value} for name, value in rented.items()}


def _deleted(_: Item) -> None:
    return None


KINDS: Mapping[str, Kind] = {
    "wallet_raised": Kind(
        AccountRow, _account, _raised("wallet_paisa"), "balance_differs", "The wallet holds a paisa too much."
    ),
    "posting_lost": Kind(
        PostingRow, _last_but_one_posting, _deleted, "sequence_has_a_gap", "The last but one posting is gone."
    ),
    "account_lost": Kind(AccountRow, _account, _deleted, "postings_without_account", "The account's row is gone."),
    "rental_invented": Kind(
        AccountRow,
        _account,
        _changed(open_rental_id=UNKNOWN_ID),
        "open_rental_differs",
        "The account names an open rental that does not exist.",
    ),
    "identity_lost": Kind(IdentityRow, _identity, _deleted, "identity_gone", "The row of the phone number is gone."),
    "kyc_changed": Kind(
        AccountRow,
        _account,
        _changed(kyc_status="rejected"),
        "kyc_status_differs",
        "The account's KYC status is another than that of its submission.",
    ),
    "rentals_miscounted": Kind(
        AccountRow, _account, _raised("rentals_count"), "usage_differs", "The account counts a rental too many."
    ),
    "achievements_miscounted": Kind(
        AccountRow,
        _account,
        _raised("achievements_count"),
        "achievements_count_differs",
        "The account counts an achievement too many.",
    ),
    "score_lost": Kind(ScoreRow, _score, _deleted, "score_differs", "The leaderboard's row of the user is gone."),
    "powerbank_given_away": Kind(
        PowerbankRow,
        _powerbank,
        _as_rented,
        "custody_differs_from_rental",
        "The power bank (`id` is its serial number) counts as rented by nobody.",
    ),
}


@dataclass
class PlantedViolations:
    """The rows as they were before they were changed, each with its table."""

    rows_before: list[tuple[str, Item]] = field(default_factory=list)

    def plant(self, kind: Kind, subject_id: str) -> None:
        """Raises LookupError where there is no such row."""
        table, key = kind.model.Meta.table_name, kind.key_of(subject_id)
        item = _client().get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            raise LookupError(subject_id)
        self.rows_before.append((table, item))
        changed = kind.change(dict(item))
        if changed is None:
            _write(lambda: _client().delete_item(TableName=table, Key=key))
        else:
            _write(lambda: _client().put_item(TableName=table, Item=changed))

    def undo(self) -> None:
        """Put every changed row back as it was, the last one first."""
        while self.rows_before:
            table, item = self.rows_before.pop()
            _write(partial(_client().put_item, TableName=table, Item=item))


def _write(write: Callable[[], object]) -> None:
    """Write, and try again while the sandbox's own faults refuse it."""
    for _ in range(MAX_TRIES):
        try:
            write()
        except ClientError:
            continue
        return
    raise ValueError("the engine refuses the write")


def _client() -> Any:
    return shared_connection().client


def listing() -> list[dict[str, Any]]:
    """The kinds of violations, in the form of a cabinet's behaviours."""
    return [
        {
            "name": f"violation:{name}",
            "values": "POST /violations {kind, id}; DELETE /violations puts the rows back",
            "default": None,
            "meaning": f"{kind.meaning} The audit reports {kind.rule}.",
        }
        for name, kind in KINDS.items()
    ]


def violations_blueprint() -> Blueprint:
    """The route /violations. `id` is a user's id, or what the meaning of the kind says."""
    blueprint, planted = Blueprint("violations", __name__), PlantedViolations()

    @blueprint.post("/violations")
    def plant() -> Response:
        fields: Fields = read_fields("kind", "id")
        kind = KINDS.get(str(fields.get("kind")))
        if kind is None:
            raise BadRequest(422, f"kind is one of {', '.join(sorted(KINDS))}")
        carry_out(lambda: planted.plant(kind, str(fields.get("id", ""))))
        return jsonify({"rule": kind.rule})

    @blueprint.delete("/violations")
    def undo() -> Response:
        planted.undo()
        return jsonify({})

    return blueprint
