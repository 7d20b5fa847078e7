"""The signed-in operator's own account and second factor: /api/admin/me."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import OWN_ACCOUNT, PERMISSIONS, Role
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.services.admin import operator_profiles
from chalicelib.services.auth import operator_passwords, second_factor
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.auth import OPERATOR_ROLES, NewPassword, OneTimeCode, PasswordSetResponse
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_ACCESS)
PATH = "/api/admin/me"
FACTOR = f"{PATH}/second-factor"


class OperatorPermissions(ResponseModel):
    can_manage_users: bool
    can_manage_stations: bool
    can_manage_content: bool
    can_view_analytics: bool
    can_manage_finances: bool
    can_manage_admins: bool


class OwnAccount(ResponseModel):
    user_id: str
    email: str
    username: str
    role: Annotated[str, one_of_upper_case(OPERATOR_ROLES)]
    is_active: bool
    is_super_admin: bool
    created_at: Time
    permissions: OperatorPermissions
    has_second_factor: bool
    needs_second_factor: Annotated[bool, Field(description="Whether the role must set one up before anything else")]


class SecondFactorCode(RequestModel):
    otp: OneTimeCode


class OwnPassword(RequestModel):
    password: Annotated[str, Field(min_length=1, max_length=256)]


class ChangePassword(OwnPassword):
    new_password: NewPassword


class EnrolmentResponse(ResponseModel):
    secret: Annotated[str, Field(description="In base32, for an authenticator app. Shown here only")]
    uri: Annotated[str, Field(description="The `otpauth` address of a QR code")]


class RecoveryCodes(ResponseModel):
    recovery_codes: Annotated[list[str], Field(description="Each replaces one code of the app. Shown here only")]


class SecondFactorDisabled(ResponseModel):
    has_second_factor: bool


@routes.get(
    PATH, permission=OWN_ACCOUNT, response=OwnAccount, prefetch=operator_profiles.own_keys, problems=("not_found",)
)
def read_own_account(caller: Caller) -> Response:
    """The signed-in operator, and what the role may do."""
    account, operator = caller.account, operator_profiles.own(caller)
    return ok(
        OwnAccount(
            user_id=account.user_id,
            email=operator.email,
            username=operator.username,
            role=in_upper_case(account.role),
            is_active=account.status is Status.ACTIVE,
            is_super_admin=account.role is Role.SUPER_ADMIN,
            created_at=time_text(operator.created_at),
            permissions=to_permissions(account.role),
            has_second_factor=account.second_factor,
            needs_second_factor=account.lacks_second_factor(world().settings()),
        )
    )


@routes.post(
    f"{PATH}/password",
    body=ChangePassword,
    permission=OWN_ACCOUNT,
    response=PasswordSetResponse,
    problems=("not_found", "password_wrong", "rate_limited"),
)
def change_password(request: ChangePassword, caller: Caller) -> Response:
    """Change the caller's password. Every session ends."""
    operator_passwords.change_own(world(), caller, request.password, request.new_password)
    return ok(PasswordSetResponse(is_set=True))


@routes.post(
    FACTOR,
    body=OwnPassword,
    permission=OWN_ACCOUNT,
    response=EnrolmentResponse,
    status=201,
    problems=("not_found", "second_factor_exists", "password_wrong", "rate_limited"),
)
def enrol_second_factor(request: OwnPassword, caller: Caller) -> Response:
    """Begin with a second factor, by the password. It counts from its first code on."""
    enrolment = second_factor.enrol(world(), caller, request.password)
    return created(EnrolmentResponse(secret=enrolment.secret, uri=enrolment.uri))


@routes.post(
    f"{FACTOR}/confirm",
    body=SecondFactorCode,
    permission=OWN_ACCOUNT,
    response=RecoveryCodes,
    problems=("not_found", "second_factor_exists", "second_factor_wrong", "rate_limited"),
)
def confirm_second_factor(request: SecondFactorCode, caller: Caller) -> Response:
    """Turn the second factor on by its first code. Every session ends, so sign in again with a code."""
    codes = second_factor.confirm(world(), caller, request.otp)
    return ok(RecoveryCodes(recovery_codes=list(codes)))


@routes.delete(
    FACTOR,
    body=SecondFactorCode,
    permission=OWN_ACCOUNT,
    response=SecondFactorDisabled,
    problems=("not_found", "second_factor_wrong", "rate_limited"),
)
def disable_second_factor(request: SecondFactorCode, caller: Caller) -> Response:
    """Turn the second factor off by a code or a recovery code."""
    second_factor.disable(world(), caller, request.otp)
    return ok(SecondFactorDisabled(has_second_factor=False))


def to_permissions(role: Role) -> OperatorPermissions:
    may = PERMISSIONS[role]
    return OperatorPermissions(
        can_manage_users="users" in may,
        can_manage_stations="stations" in may,
        can_manage_content="content" in may,
        can_view_analytics="admin" in may,
        can_manage_finances="money" in may,
        can_manage_admins="operators" in may,
    )
