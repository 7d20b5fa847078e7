"""Signing in and out: /api/auth."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.edge.authentication import address_of, caller
from chalicelib.edge.coercion import Boolean
from chalicelib.edge.formats import Time
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Answer, created, ok
from chalicelib.services.auth import otp, sessions, signin
from chalicelib.services.auth.sessions import Tokens
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.users import profile
from chalicelib.wiring import world
from functions.params import Username
from functions.routing import doors
from functions.schemas import MeView, UserView, me_view, time_text, user_view
from functions.tags import Tag

routes = doors(__name__, Tag.AUTHENTICATION)
Identifier = Annotated[str, Field(min_length=3, max_length=254, examples=["+9779841234567", "sita@example.com"])]


class GetOtp(Asked):
    identifier: Identifier


class OtpSent(Told):
    identifier: str
    expires_in_minutes: int
    resend_after_seconds: int
    challenge_id: str


class VerifyOtp(Asked):
    identifier: Identifier
    otp: Annotated[str, Field(min_length=6, max_length=24, examples=["123456"])]
    challenge_id: Annotated[str, Field(max_length=64)] | None = None


class OtpVerified(Told):
    verification_token: str
    purpose: Literal["login", "register"]
    expires_in_minutes: int


class Register(Asked):
    identifier: Identifier
    verification_token: Annotated[str, Field(max_length=2048)]
    username: Username
    referral_code: Annotated[str, Field(max_length=16)] | None = None


class Login(Asked):
    identifier: Identifier
    verification_token: Annotated[str, Field(max_length=2048)]


class Refresh(Asked):
    refresh: Annotated[str, Field(min_length=1, max_length=512)]


class Logout(Asked):
    refresh: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    all_devices: Boolean = False


class TokensView(Told):
    access: str
    refresh: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int


class SignedInView(Told):
    user: UserView
    tokens: TokensView


class Refreshed(Told):
    access: str
    tokens: TokensView


class AccessBeside(Told):
    """The access token once more, where older apps read it."""

    access: str


class LoggedOut(Told):
    logged_out_at: Time


@routes.post(
    "/api/auth/get-otp",
    asks=GetOtp,
    answer=OtpSent,
    problems=("otp_resend_too_soon", "otp_limit_reached", "sms_unavailable", "email_unavailable"),
)
def get_otp() -> Answer:
    """Send a one-time code by SMS or by e-mail."""
    asked = body(routes, GetOtp)
    sent = otp.ask(world(), asked.identifier, address_of(routes))
    return ok(
        OtpSent(
            identifier=sent.identifier,
            expires_in_minutes=sent.lives_seconds // 60,
            resend_after_seconds=sent.resend_seconds,
            challenge_id=sent.challenge_id,
        )
    )


@routes.post("/api/auth/verify-otp", asks=VerifyOtp, answer=OtpVerified, problems=("otp_wrong",))
def verify_otp() -> Answer:
    """Prove a phone number or an e-mail address with the code that was sent."""
    asked = body(routes, VerifyOtp)
    proved = otp.verify(world(), asked.identifier, asked.otp, asked.challenge_id)
    return ok(
        OtpVerified(
            verification_token=proved.token, purpose=proved.purpose, expires_in_minutes=proved.lives_seconds // 60
        )
    )


@routes.post(
    "/api/auth/register",
    asks=Register,
    answer=SignedInView,
    status=201,
    problems=("verification_token_invalid", "already_registered", "username_taken", "referral_code_invalid"),
)
def register() -> Answer:
    """Create an account for a proved phone number or e-mail address."""
    asked = body(routes, Register)
    signed_in = signin.register(
        world(),
        asked.identifier,
        asked.verification_token,
        username=asked.username,
        referral_code=asked.referral_code,
    )
    return created(signed_in_view(signed_in))


@routes.post(
    "/api/auth/login",
    asks=Login,
    answer=SignedInView,
    problems=("verification_token_invalid", "not_registered", "account_banned"),
)
def login() -> Answer:
    """Sign in with a proved phone number or e-mail address. At most ten devices: the eleventh ends a session."""
    asked = body(routes, Login)
    return ok(signed_in_view(signin.login(world(), asked.identifier, asked.verification_token)))


@routes.post(
    "/api/auth/refresh",
    asks=Refresh,
    answer=Refreshed,
    top_level=AccessBeside,
    problems=("session_ended", "account_banned"),
)
def refresh() -> Answer:
    """The next access and refresh token; the old refresh token is spent."""
    tokens = tokens_view(sessions.refresh(world(), body(routes, Refresh).refresh))
    return ok(Refreshed(access=tokens.access, tokens=tokens), beside={"access": tokens.access})


@routes.post("/api/auth/logout", asks=Logout, answer=LoggedOut)
def logout() -> Answer:
    """End this device's session, or with `all_devices` every one of the account's.

    `refresh`, where it is given, must be a token of this account's, and its session ends too.
    """
    who = caller(routes)
    asked = body(routes, Logout)
    sessions.logout(world(), who, refresh_token=asked.refresh, all_devices=asked.all_devices)
    return ok(LoggedOut(logged_out_at=time_text(world().now())))


@routes.get("/api/auth/me", tag=Tag.ACCOUNT, answer=MeView, problems=("not_found",))
def me() -> Answer:
    """Who is signed in, what they have, and whether they may rent. An operator is no customer: not found."""
    claims = routes.claims()
    return ok(me_view(caller(routes, *profile.keys_of_me(str(claims["sub"])))))


def signed_in_view(signed_in: SignedIn) -> SignedInView:
    return SignedInView(user=user_view(signed_in.account, signed_in.user), tokens=tokens_view(signed_in.tokens))


def tokens_view(tokens: Tokens) -> TokensView:
    return TokensView(access=tokens.access, refresh=tokens.refresh, expires_in=tokens.access_lives_seconds)
