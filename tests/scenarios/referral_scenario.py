"""A referrer and a customer who claims the code, for the tests of referrals."""

from dataclasses import dataclass
from typing import Any

from app import app
from chalicelib.domain.rewards.point_rules import INVITEE, INVITER, REFERRAL
from chalicelib.tables import postings, users
from chalicelib.tables.dynamodb import fetch_one
from infra.local.cabinets import frames
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of


@dataclass
class ReferralScenario:
    """Two customers who have not rented yet."""

    network: Network
    inviter: str = ""
    invitee: str = ""

    def __post_init__(self) -> None:
        self.inviter = self.inviter or self.network.customer()
        self.invitee = self.invitee or self.network.customer()

    @property
    def code(self) -> str:
        user = fetch_one(users.user_key(self.inviter))
        assert user is not None
        return user.referral_code

    def claim(self, code: str | None = None, *, by: str | None = None, **more: Any) -> Reply:
        body = {"code": self.code if code is None else code}
        return request(
            app, "POST", "/api/referral/claim", body, token=token_of(self.network, by or self.invitee), **more
        )

    def rent(self, user: str | None = None) -> None:
        """Complete a rental, and wait until it can't be cancelled any more."""
        self.network.report_frame(LABIM, frames.heartbeat())
        rental = self.network.rented(user or self.invitee)
        self.network.fake_world.clock.advance(minutes=6)
        self.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        self.network.fake_world.clock.advance(minutes=61)

    def earned(self) -> tuple[int, int]:
        """The points of the referral that the inviter and the invitee have."""
        return _points(self.inviter, INVITER), _points(self.invitee, INVITEE)

    def own_code(self) -> Any:
        return request(app, "GET", "/api/referral/my-code", token=token_of(self.network, self.inviter)).data

    def counts(self) -> tuple[int, int]:
        own = self.own_code()
        return own["invited_count"], own["rewarded_count"]

    @property
    def state(self) -> str | None:
        state = account(self.invitee).referral_state
        return state.value if state is not None else None


def _points(user_id: str, kind: str) -> int:
    return sum(
        posting.points_earned
        for posting in postings.oldest(user_id, since=0, limit=100)
        if posting.ref.startswith(REFERRAL) and posting.ref.endswith(kind)
    )
