"""Sign-in of operators, and the first password: /api/admin/login, /api/admin/password."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.role import PERMISSIONS, Role
from chalicelib.edge.formats import one_of
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.auth import operator_passwords, signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.wiring import world
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ACCESS)
NewPassword = Annotated[str, Field(min_length=12, max_length=256)]


OneTimeCode = Annotated[
    str, Field(min_length=6, max_length=64, description="A code of the authenticator app, or a recovery code")
]


class AdminLogin(RequestModel):
    email: Annotated[str, Field(min_length=3, max_length=254, examples=["admin@example.com"])]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    otp: OneTimeCode | None = None
    device_token: Annotated[str, Field(max_length=2048)] | None = None


OPERATOR_ROLES = [role for role in Role if role is not Role.CUSTOMER]


class AdminUserResponse(ResponseModel):
    id: str
    role: Annotated[str, one_of_upper_case(OPERATOR_ROLES)]
    is_super_admin: bool
    permissions: list[Annotated[str, one_of(sorted(PERMISSIONS[Role.SUPER_ADMIN]))]]


class AdminLoginResponse(ResponseModel):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    device_token: str
    user: AdminUserResponse


@routes.post(
    "/api/admin/login",
    body=AdminLogin,
    response=AdminLoginResponse,
    problems=("wrong_credentials", "second_factor_needed", "second_factor_wrong", "rate_limited"),
)
def login(request: AdminLogin, client_address: str) -> Response:
    """Sign in with e-mail and password, and with `otp` where the account has a second factor.

    A client that sends the `device_token` of an earlier log-in is not stopped by wrong passwords of other devices.
    """
    signed_in = signin.login_operator(
        world(),
        request.email,
        request.password,
        client_address,
        otp=request.otp,
        device_token=request.device_token,
    )
    return ok(to_admin_login_response(signed_in))


class SetPassword(RequestModel):
    setup_token: Annotated[str, Field(min_length=1, max_length=2048)]
    password: NewPassword


class PasswordSetResponse(ResponseModel):
    is_set: bool


@routes.post("/api/admin/password", body=SetPassword, response=PasswordSetResponse, problems=("setup_token_invalid",))
def set_password(request: SetPassword) -> Response:
    """Set a password with a setup token of a super admin. The token works once, and every session ends."""
    operator_passwords.set_password(world(), request.setup_token, request.password)
    return ok(PasswordSetResponse(is_set=True))


def to_admin_login_response(signed_in: SignedIn) -> AdminLoginResponse:
    return AdminLoginResponse(
        access_token=signed_in.tokens.access,
        refresh_token=signed_in.tokens.refresh,
        expires_in=signed_in.tokens.access_ttl_seconds,
        device_token=str(signed_in.device_token),
        user=to_admin_user_response(signed_in.account),
    )


def to_admin_user_response(account: Account) -> AdminUserResponse:
    return AdminUserResponse(
        id=account.user_id,
        role=in_upper_case(account.role),
        is_super_admin=account.role is Role.SUPER_ADMIN,
        permissions=sorted(PERMISSIONS[account.role]),
    )
