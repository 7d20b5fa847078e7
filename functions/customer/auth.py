"""Registration, sign-in, tokens and sign-out: /api/auth."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import Boolean
from chalicelib.services.auth import otp, registration, sessions, signin
from chalicelib.services.auth.otp import SentCode
from chalicelib.services.auth.sessions import TokenPair
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.caller import Caller
from chalicelib.services.users import profile
from chalicelib.wiring import world
from functions.params import Username
from functions.routing import blueprint
from functions.schemas import MeResponse, UserResponse, to_me_response, to_user_response
from functions.tags import Tag

routes = blueprint(__name__, Tag.AUTHENTICATION)
Identifier = Annotated[str, Field(min_length=3, max_length=254, examples=["+9779841234567", "sita@example.com"])]

CHALLENGE_ID = "What get-otp returned. Without it fewer guesses are allowed"


class GetOtp(RequestModel):
    identifier: Identifier
    device_token: (
        Annotated[str, Field(max_length=2048, description="Of an earlier sign-in on this device")] | None
    ) = None


class OtpSentResponse(ResponseModel):
    identifier: str
    expires_in_minutes: int
    resend_after_seconds: int
    challenge_id: str


class VerifyOtp(RequestModel):
    identifier: Identifier
    otp: Annotated[str, Field(min_length=6, max_length=24, examples=["123456"])]
    challenge_id: Annotated[str, Field(max_length=64, description=CHALLENGE_ID)] | None = None


class OtpVerifiedResponse(ResponseModel):
    verification_token: str
    purpose: Annotated[
        Literal["login", "register"],
        Field(description="Which call the token is for: `login` where an account has the identifier"),
    ]
    expires_in_minutes: int


class Register(RequestModel):
    identifier: Identifier
    verification_token: Annotated[str, Field(max_length=2048)]
    username: Username
    referral_code: Annotated[str, Field(max_length=32)] | None = None


class Login(RequestModel):
    identifier: Identifier
    verification_token: Annotated[str, Field(max_length=2048)]


class Refresh(RequestModel):
    refresh: Annotated[str, Field(min_length=1, max_length=512)]


class Logout(RequestModel):
    refresh: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    all_devices: Boolean = False


class TokensResponse(ResponseModel):
    access: str
    refresh: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: Annotated[int, Field(description="Seconds until the access token expires")]


class SignedInResponse(ResponseModel):
    user: UserResponse
    tokens: TokensResponse
    device_token: Annotated[str, Field(description="For later requests of this device, also after a sign-out")]


class RefreshedResponse(ResponseModel):
    access: str
    tokens: TokensResponse


class TopLevelAccessToken(ResponseModel):
    """The access token a second time, at the place where older apps read it."""

    access: str


class LoggedOutResponse(ResponseModel):
    logged_out_at: Time


@routes.post(
    "/api/auth/get-otp",
    body=GetOtp,
    response=OtpSentResponse,
    problems=("otp_resend_too_soon", "otp_limit_reached", "sms_unavailable", "email_unavailable"),
)
def get_otp(request: GetOtp, client_address: str, language: str) -> Response:
    """Send a one-time code by SMS or by e-mail.

    A client that sends the `device_token` of an earlier sign-in with this identifier is not stopped by requests of
    others.
    """
    sent = otp.request_code(
        world(), request.identifier, client_address, device_token=request.device_token, language=language
    )
    return ok(to_otp_sent_response(sent))


@routes.post("/api/auth/verify-otp", body=VerifyOtp, response=OtpVerifiedResponse, problems=("otp_wrong",))
def verify_otp(request: VerifyOtp) -> Response:
    """Verify a phone number or an e-mail address with its one-time code."""
    verified = otp.verify(world(), request.identifier, request.otp, request.challenge_id)
    return ok(
        OtpVerifiedResponse(
            verification_token=verified.token, purpose=verified.purpose, expires_in_minutes=verified.ttl_seconds // 60
        )
    )


@routes.post(
    "/api/auth/register",
    body=Register,
    response=SignedInResponse,
    status=201,
    problems=(
        "verification_token_invalid",
        "already_registered",
        "username_taken",
        "referral_code_invalid",
        "referral_own_code",
        "referral_too_late",
    ),
)
def register(request: Register) -> Response:
    """Create an account for a verified phone number or e-mail address."""
    signed_in = registration.register(
        world(),
        request.identifier,
        request.verification_token,
        username=request.username,
        referral_code=request.referral_code,
    )
    return created(to_signed_in_response(signed_in))


@routes.post(
    "/api/auth/login",
    body=Login,
    response=SignedInResponse,
    problems=("verification_token_invalid", "not_registered", "account_banned"),
)
def login(request: Login) -> Response:
    """Sign in with a verified phone number or e-mail address.

    An account is signed in on at most ten devices. The eleventh sign-in ends the session that began first.
    """
    return ok(to_signed_in_response(signin.login(world(), request.identifier, request.verification_token)))


@routes.post(
    "/api/auth/refresh",
    body=Refresh,
    response=RefreshedResponse,
    top_level=TopLevelAccessToken,
    problems=("session_ended", "account_banned"),
)
def refresh(request: Refresh) -> Response:
    """Exchange a refresh token for a new access token and a new refresh token. The old one is no longer valid.

    The same request within a minute gets the same tokens again. Any later use of the old token ends the session.
    """
    tokens = to_tokens_response(sessions.refresh(world(), request.refresh))
    return ok(RefreshedResponse(access=tokens.access, tokens=tokens), top_level={"access": tokens.access})


@routes.post("/api/auth/logout", body=Logout, response=LoggedOutResponse)
def logout(request: Logout, caller: Caller) -> Response:
    """End this session, or with `all_devices` every session of the account.

    If `refresh` is given, it must be a token of this account. Its session ends too.
    """
    sessions.logout(world(), caller, refresh_token=request.refresh, all_devices=request.all_devices)
    return ok(LoggedOutResponse(logged_out_at=time_text(world().now())))


@routes.get(
    "/api/auth/me",
    tag=Tag.ACCOUNT,
    response=MeResponse,
    prefetch=profile.profile_keys,
    problems=("not_found",),
)
def me(caller: Caller) -> Response:
    """The signed-in customer: profile, balances, and whether they may rent. An operator gets `not_found`."""
    return ok(to_me_response(caller))


def to_otp_sent_response(sent: SentCode) -> OtpSentResponse:
    return OtpSentResponse(
        identifier=sent.identifier,
        expires_in_minutes=sent.ttl_seconds // 60,
        resend_after_seconds=sent.resend_seconds,
        challenge_id=sent.public_id,
    )


def to_signed_in_response(signed_in: SignedIn) -> SignedInResponse:
    return SignedInResponse(
        user=to_user_response(signed_in.account, signed_in.user),
        tokens=to_tokens_response(signed_in.tokens),
        device_token=str(signed_in.device_token),
    )


def to_tokens_response(tokens: TokenPair) -> TokensResponse:
    return TokensResponse(access=tokens.access, refresh=tokens.refresh, expires_in=tokens.access_ttl_seconds)
