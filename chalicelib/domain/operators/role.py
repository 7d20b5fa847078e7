"""The role of an account, and the permissions of each role."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """The role of an account. Operators have permissions, customers have none."""

    CUSTOMER = "customer"
    SUPER_ADMIN = "super_admin"
    ADMIN = "admin"
    FINANCE = "finance"
    SUPPORT = "support"


EVERY_OPERATOR = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE, Role.SUPPORT})
FINANCE_ROLES = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE})
SUPPORT_ROLES = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.SUPPORT})
ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
OWN_ACCOUNT = "own_account"
"""What an operator may do without the second factor that the role needs: read their own account, and set one up."""
ROLES: Mapping[str, frozenset[Role]] = {
    OWN_ACCOUNT: EVERY_OPERATOR,
    "admin": EVERY_OPERATOR,
    "audit": FINANCE_ROLES,
    "money": FINANCE_ROLES,
    "kyc": SUPPORT_ROLES,
    "issues": SUPPORT_ROLES,
    "notify": SUPPORT_ROLES,
    "users": ADMINS,
    "stations": ADMINS,
    "powerbanks": ADMINS,
    "rentals": ADMINS,
    "packages": ADMINS,
    "content": ADMINS,
    "promotions": ADMINS,
    "achievements": ADMINS,
    "system": ADMINS,
    "audit_log": ADMINS,
    "operators": frozenset({Role.SUPER_ADMIN}),
    "config": frozenset({Role.SUPER_ADMIN}),
}
"""The roles that have each permission (decision 0062). `admin` reads what every operator may read."""
PERMISSIONS: Mapping[Role, frozenset[str]] = {
    role: frozenset(permission for permission, roles in ROLES.items() if role in roles) for role in Role
}
