"""What a planted violation does to a stored row, and how the row is found."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from chalicelib.domain.rewards.leaderboard import score_shard_of
from chalicelib.services.audit.named_rows import RESOURCES
from chalicelib.services.auth.referral_claims import BONUS
from chalicelib.tables.coupons import ALL, CouponUseRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.intent_references import BY_ID
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.otp import ChallengeRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.rows import Row

Item = dict[str, dict[str, Any]]
RawKey = dict[str, dict[str, str]]
T = TypeVar("T")
Change = Callable[[Item], Item | None]
"""Makes a stored row wrong. None deletes it."""
UNKNOWN_ID = "0" * 26
LONG_AGO = "2020-01-01T00:00:00.000000Z"


class Kind(NamedTuple):
    """What is damaged of a user, or of a power bank, and the rule of the audit that finds it."""

    model: type[Row]
    key_of: Callable[[str], RawKey]
    change: Change
    rule: str
    meaning: str


def key(name: str) -> Callable[[str], RawKey]:
    """The key of the row whose hash key is the given id."""
    return lambda subject_id: {name: {"S": subject_id}}


def row_of_user(
    model: Any,
    range_name: str,
    matches: Callable[[Any], bool] = lambda row: True,  # noqa: ARG005
) -> Callable[[str], RawKey]:
    """The key of a user's first row that `matches`."""

    def key_of(user_id: str) -> RawKey:
        row = _first(filter(matches, model.query(user_id)), f"a row of {model.Meta.table_name} of {user_id}")
        return {"user_id": {"S": user_id}, range_name: {"S": getattr(row, range_name)}}

    return key_of


def _first(rows: Iterable[T], what: str) -> T:
    """The first row. Raises LookupError with `what` where there is none."""
    row = next(iter(rows), None)
    if row is None:
        raise LookupError(what)
    return row


def score(user_id: str) -> RawKey:
    return {"shard": {"S": score_shard_of(user_id)}, "user_id": {"S": user_id}}


def last_but_one_posting(user_id: str) -> RawKey:
    row = next(PostingRow.query(user_id, scan_index_forward=False, limit=1), None)
    if row is None or row.seq < 2:
        raise LookupError(f"two postings of {user_id}")
    return {"user_id": {"S": user_id}, "seq": {"N": str(row.seq - 1)}}


def identity(user_id: str) -> RawKey:
    return _identity_of(user_id, "phone")


def signup_identity(user_id: str) -> RawKey:
    return _identity_of(user_id, BONUS)


def _identity_of(user_id: str, kind: str) -> RawKey:
    rows = IdentityRow.scan(IdentityRow.user_id == user_id)
    row = _first((row for row in rows if row.identity.startswith(f"{kind}#")), f"the identity {kind} of {user_id}")
    return {"identity": {"S": row.identity}}


def coupon(user_id: str) -> RawKey:
    return {"partition": {"S": ALL}, "code": {"S": _use(user_id).code}}


def coupon_counter(user_id: str) -> RawKey:
    use = _use(user_id)
    return {"counter": {"S": f"{use.code}#{use.counter}"}}


def _use(user_id: str) -> CouponUseRow:
    use: CouponUseRow = _first(CouponUseRow.query(user_id), f"a coupon of {user_id}")
    return use


def reference(user_id: str) -> RawKey:
    intent = _first(IntentRow.query(user_id), f"a top-up of {user_id}")
    return {"reference": {"S": f"{BY_ID}#{intent.intent_id}"}}


def challenge(identifier: str) -> RawKey:
    row = _first(ChallengeRow.scan(ChallengeRow.identifier == identifier), f"a code for {identifier}")
    return {"challenge_id": {"S": row.challenge_id}}


def raised(name: str) -> Change:
    return lambda item: item | {name: {"N": str(int(item[name]["N"]) + 1)}}


def number(name: str, number: int) -> Change:
    return lambda item: item | {name: {"N": str(number)}}


def changed(**fields: str) -> Change:
    return lambda item: item | {name: {"S": value} for name, value in fields.items()}


def as_rented(item: Item) -> Item:
    without_slot = {name: value for name, value in item.items() if name not in ("station_sn", "slot_number")}
    rented = {"custody": "rented", "user_id": UNKNOWN_ID, "rental_id": UNKNOWN_ID}
    return without_slot | {name: {"S": value} for name, value in rented.items()}


def deleted(_: Item) -> None:
    return None


def decided_by_requester(item: Item) -> Item:
    return item | {"decided_by": item["requested_by"]}


def guessed_often(item: Item) -> Item:
    return item | {"guesses": {"M": {"a": {"N": "1000"}}}}


def with_second_factor(item: Item) -> Item:
    return item | {"second_factor": {"BOOL": True}}


def has_known_resource(row: Any) -> bool:
    return row.name.partition("#")[0] in RESOURCES
