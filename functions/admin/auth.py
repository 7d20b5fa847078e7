"""Operators sign in: /api/admin/login."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.account import RIGHTS, Account, Role
from chalicelib.edge.formats import one_of
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Answer, ok
from chalicelib.services.auth import signin
from chalicelib.wiring import world
from functions.routing import doors
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_ACCESS)


class AdminLogin(Asked):
    email: Annotated[str, Field(min_length=3, max_length=254, examples=["admin@example.com"])]
    password: Annotated[str, Field(min_length=1, max_length=256)]


OPERATOR_ROLES = [role.upper() for role in Role if role is not Role.CUSTOMER]


class AdminUser(Told):
    id: str
    role: Annotated[str, one_of(OPERATOR_ROLES)]
    is_super_admin: bool
    rights: list[Annotated[str, one_of(sorted(RIGHTS[Role.SUPER_ADMIN]))]]


class AdminSignedIn(Told):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    user: AdminUser


@routes.post(
    "/api/admin/login", asks=AdminLogin, answer=AdminSignedIn, problems=("wrong_credentials", "rate_limited")
)
def login() -> Answer:
    """Sign in by e-mail and password."""
    asked = body(routes, AdminLogin)
    signed_in = signin.login_operator(world(), asked.email, asked.password)
    return ok(
        AdminSignedIn(
            access_token=signed_in.tokens.access,
            refresh_token=signed_in.tokens.refresh,
            expires_in=signed_in.tokens.access_lives_seconds,
            user=admin_view(signed_in.account),
        )
    )


def admin_view(account: Account) -> AdminUser:
    return AdminUser(
        id=account.user_id,
        role=account.role.value.upper(),
        is_super_admin=account.role.value == "super_admin",
        rights=sorted(RIGHTS[account.role]),
    )
