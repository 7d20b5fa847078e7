"""Operators create rental packages, change them and hide them. A rental keeps the copy that it began with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from chalicelib.domain.money.pricing import Package
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.content.packages import package_cache
from chalicelib.tables import packages
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

MAX_PACKAGES = 100
"""One query lists all packages for every customer."""


def page_of(page: NumberedPage) -> tuple[Sequence[Package], int]:
    """A page of all packages in display order, hidden ones too, and their number."""
    return page.with_total(packages.packages())


def read(package_id: str) -> Package:
    """Raises Problem("not_found")."""
    return must_exist(fetch_one(packages.package_key(package_id)))


def create(world: World, caller: Caller, package: Package) -> Package:
    """Create a package. Raises Problem: name_taken, packages_full."""

    def decide(ops: Transaction) -> Package:
        fresh_caller(world, caller, ops)
        existing = packages.packages()
        if len(existing) >= MAX_PACKAGES:
            raise Problem("packages_full", limit=MAX_PACKAGES)
        _must_have_own_name(package, existing)
        packages.save_package(ops, package)
        audit_log.record(ops, world, caller.user_id, _action("package_created", None, package))
        return replace(package, version=1)

    return _published(atomic(world, decide))


def change(world: World, caller: Caller, package_id: str, changes: Mapping[str, Any]) -> Package:
    """Change the named fields of a package. Rentals and extensions that were paid keep what they were paid for.

    Raises Problem: not_found, name_taken.
    """

    def decide(ops: Transaction) -> Package:
        fresh_caller(world, caller, ops)
        before = read(package_id)
        after = replace(before, **changes)
        if after == before:
            return before
        if after.name != before.name:
            _must_have_own_name(after, packages.packages())
        packages.save_package(ops, after)
        audit_log.record(ops, world, caller.user_id, _action("package_changed", before, after))
        return replace(after, version=before.version + 1)

    return _published(atomic(world, decide))


def _must_have_own_name(package: Package, existing: Sequence[Package]) -> None:
    """Refuse a name that another package has. Two operators at the same moment can still use one name twice."""
    taken = {other.name.casefold() for other in existing if other.package_id != package.package_id}
    if package.name.casefold() in taken:
        raise Problem("name_taken")


def _published(package: Package) -> Package:
    package_cache.clear()
    return package


def _action(name: str, before: Package | None, after: Package) -> AdminAction:
    changes = {"before": asdict(before) if before else None, "after": asdict(after)}
    return AdminAction(name, after.package_id, changes)
