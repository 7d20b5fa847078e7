"""The user's referral code and the claim of a friend's: /api/referral."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import referrals
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.REFERRAL)
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["K7MPQ2XZ"])]


class ClaimReferral(RequestModel):
    code: Code

    def prefetch_keys(self, user_id: str) -> tuple[Any, ...]:
        return referrals.claim_keys(user_id, self.code)


class CodeQuery(RequestModel):
    code: Annotated[Code, Field(description="A referral code as a customer types it")]


class OwnReferralCodeResponse(ResponseModel):
    referral_code: str
    invited_count: Annotated[int, Field(description="Customers who claimed the code, at most 1000")]
    rewarded_count: Annotated[int, Field(description="Those of them who have completed a rental")]


class ReferralCodeResponse(ResponseModel):
    valid: bool
    inviter_username: str | None


class ReferralClaimResponse(ResponseModel):
    status: ReferralState
    points_awarded: Annotated[int, Field(description="0 until the first completed rental")]


@routes.get(
    "/api/referral/my-code",
    response=OwnReferralCodeResponse,
    prefetch=referrals.own_code_keys,
    problems=("not_found",),
)
def own_code(caller: Caller) -> Response:
    """The user's own code, and how many friends used it."""
    code = referrals.own_code(caller)
    return ok(
        OwnReferralCodeResponse(
            referral_code=code.referral_code,
            invited_count=code.invited_count,
            rewarded_count=code.rewarded_count,
        )
    )


@routes.get("/api/referral/validate", query=CodeQuery, response=ReferralCodeResponse, problems=("rate_limited",))
def validate(query: CodeQuery, client_address: str) -> Response:
    """Whether a code is one, and whose. Wrong codes are counted by network address."""
    username = referrals.username_of_code(world(), query.code, client_address)
    return ok(ReferralCodeResponse(valid=username is not None, inviter_username=username))


@routes.post(
    "/api/referral/claim",
    body=ClaimReferral,
    response=ReferralClaimResponse,
    prefetch=ClaimReferral.prefetch_keys,
    problems=(
        "not_found",
        "referral_code_invalid",
        "referral_own_code",
        "referral_already_claimed",
        "referral_too_late",
        "rate_limited",
    ),
)
def claim(request: ClaimReferral, caller: Caller, client_address: str) -> Response:
    """Claim a friend's code, once and before the first rental. Both get points when that rental is completed."""
    account = referrals.claim(world(), caller, request.code, client_address)
    state = account.referral_state or ReferralState.CLAIMED
    return ok(ReferralClaimResponse(status=state, points_awarded=referrals.points_awarded(world(), account)))
