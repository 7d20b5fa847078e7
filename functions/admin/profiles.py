"""Accounts of operators, for super admins: /api/admin/profiles."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import EmptyRequest, RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import Boolean
from chalicelib.services.admin import operator_profiles, operators
from chalicelib.services.admin.operator_profiles import Profile
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.auth import OPERATOR_ROLES
from functions.admin.paging import ShortListQuery
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import UserId, Username
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_OPERATORS)
PATH = "/api/admin/profiles"
OperatorRole = Annotated[Literal["super_admin", "admin", "finance", "support"], CaseInsensitive]


class CreateProfile(RequestModel):
    username: Username
    email: Annotated[str, Field(min_length=3, max_length=254, examples=["asha@example.com"])]
    role: OperatorRole


class ChangeProfile(RequestModel):
    role: OperatorRole | None = None
    is_active: Boolean | None = None


class AdminProfile(ResponseModel):
    id: str
    role: Annotated[str, one_of_upper_case(OPERATOR_ROLES)]
    is_active: bool
    is_super_admin: bool
    username: str
    email: str
    has_second_factor: bool
    created_by_username: str | None
    created_at: Time


class AdminProfiles(RootModel[list[AdminProfile]]):
    """A bare list, as the operators' dashboard reads it."""


class SetupToken(ResponseModel):
    setup_token: Annotated[str, Field(description="Sets a password once, within 24 hours. Shown here only")]


class CreatedProfile(AdminProfile):
    setup_token: str


class RemovedProfile(ResponseModel):
    id: str
    removed: bool


@routes.get(PATH, permission="operators", query=ShortListQuery, response=AdminProfiles)
def list_profiles(query: ShortListQuery) -> Response:
    """All operators, in the order of their creation."""
    return ok(AdminProfiles([to_profile(profile) for profile in query.to_page().of(operator_profiles.profiles())]))


@routes.get(f"{PATH}/{{user_id}}", permission="operators", response=AdminProfile, problems=("not_found",))
def read_profile(user_id: UserId) -> Response:
    """One operator."""
    return ok(to_profile(operator_profiles.read(user_id)))


@routes.post(
    PATH,
    body=CreateProfile,
    permission="operators",
    response=CreatedProfile,
    status=201,
    problems=("username_taken", "operator_exists", "operators_full"),
)
def create_profile(request: CreateProfile, caller: Caller) -> Response:
    """Make an operator. Hand the setup token over: it sets the first password, and nobody can read it again."""
    profile, token = operators.create(
        world(), caller, username=request.username, email=request.email, role=Role(request.role)
    )
    return created(CreatedProfile(**to_profile(profile).model_dump(), setup_token=token))


@routes.patch(
    f"{PATH}/{{user_id}}",
    body=ChangeProfile,
    permission="operators",
    response=AdminProfile,
    problems=("not_found",),
)
def change_profile(request: ChangeProfile, caller: Caller, user_id: UserId) -> Response:
    """Change the role of another operator, or disable or enable the account. It applies to the next request.

    A disabling ends every session of the operator, who signs in again once enabled.
    """
    role = Role(request.role) if request.role else None
    return ok(to_profile(operators.change(world(), caller, user_id, role=role, is_active=request.is_active)))


@routes.delete(f"{PATH}/{{user_id}}", permission="operators", response=RemovedProfile, problems=("not_found",))
def remove_profile(caller: Caller, user_id: UserId) -> Response:
    """Remove another operator for good. The log keeps the username."""
    operators.remove(world(), caller, user_id)
    return ok(RemovedProfile(id=user_id, removed=True))


@routes.post(
    f"{PATH}/{{user_id}}/setup-token",
    body=EmptyRequest,
    permission="operators",
    response=SetupToken,
    problems=("not_found",),
)
def reissue_setup_token(caller: Caller, user_id: UserId) -> Response:
    """End the password and all sessions of another operator, who sets a new password with the token."""
    return ok(SetupToken(setup_token=operators.reissue_setup(world(), caller, user_id)))


@routes.delete(
    f"{PATH}/{{user_id}}/second-factor", permission="operators", response=AdminProfile, problems=("not_found",)
)
def reset_second_factor(caller: Caller, user_id: UserId) -> Response:
    """Remove the second factor of another operator, who has lost phone and recovery codes."""
    return ok(to_profile(operators.reset_second_factor(world(), caller, user_id)))


def to_profile(profile: Profile) -> AdminProfile:
    operator, account = profile.operator, profile.account
    return AdminProfile(
        id=operator.user_id,
        role=in_upper_case(account.role),
        is_active=account.status is Status.ACTIVE,
        is_super_admin=account.role is Role.SUPER_ADMIN,
        username=operator.username,
        email=operator.email,
        has_second_factor=account.second_factor,
        created_by_username=profile.created_by_username,
        created_at=time_text(operator.created_at),
    )
