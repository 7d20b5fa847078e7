"""The names by which the operators' dashboard calls canonical routes. This file is data.

An alias has the handler, the permission and the checks of its canonical route. It may have data of another shape.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, RootModel, create_model

from chalicelib.edge.context import RouteSpec
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.routes import Routes
from functions.routing import blueprint
from functions.tags import Tag

SUMMARY = "The name by which the operators' dashboard calls `{canonical}`."


@dataclass(frozen=True)
class Alias:
    """One name of the dashboard. `canonical` is the method and the path of the route that serves it."""

    method: str
    path: str
    canonical: str
    list_field: str = ""
    """The field of the canonical data that is the whole data of the alias: a bare list."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Canonical names by the dashboard's names, for fields of the data that have another name there."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def name_of(self, canonical_field: str) -> str:
        """The dashboard's name of a field of the canonical data."""
        names = {canonical: name for name, canonical in self.fields.items()}
        return names.get(canonical_field, canonical_field)

    def shape(self, data: Any) -> Any:
        """The canonical data in the shape that the dashboard reads."""
        if self.list_field:
            return data[self.list_field]
        return {self.name_of(name): value for name, value in data.items()} if self.fields else data


PACKAGES = "/api/admin/packages"
COUPONS = "/api/admin/promotions/coupons"
ALIASES = (
    Alias("GET", "/api/payments/packages", "GET /api/payment/packages"),
    Alias("GET", "/api/admin/rental-packages", f"GET {PACKAGES}"),
    Alias("POST", "/api/admin/rental-packages", f"POST {PACKAGES}"),
    Alias("GET", "/api/admin/rental-packages/{package_id}", f"GET {PACKAGES}/{{package_id}}"),
    Alias("PATCH", "/api/admin/rental-packages/{package_id}", f"PATCH {PACKAGES}/{{package_id}}"),
    Alias("PUT", "/api/admin/rental-packages/{package_id}", f"PATCH {PACKAGES}/{{package_id}}"),
    Alias("GET", "/api/admin/coupons", f"GET {COUPONS}"),
    Alias("POST", "/api/admin/coupons", f"POST {COUPONS}"),
    Alias("GET", "/api/admin/coupons/{code}", f"GET {COUPONS}/{{code}}"),
    Alias("PATCH", "/api/admin/coupons/{code}", f"PUT {COUPONS}/{{code}}"),
    Alias("GET", "/api/admin/coupons/{code}/usages", f"GET {COUPONS}/{{code}}/usages"),
    Alias("GET", "/api/admin/dashboard", "GET /api/admin/analytics/dashboard"),
    Alias("GET", "/api/admin/system-health", "GET /api/admin/system/health"),
    Alias("GET", "/api/admin/system-logs", "GET /api/admin/system/logs"),
    Alias("GET", "/api/admin/analytics/revenue-over-time", "GET /api/admin/analytics/revenue"),
    Alias("GET", "/api/admin/analytics/station-performance", "GET /api/admin/analytics/stations"),
    Alias("GET", "/api/admin/action-logs", "GET /api/admin/audit-log", list_field="results"),
)


def alias_routes(blueprints: Iterable[object]) -> Routes:
    """The routes of all aliases. `blueprints` hold the canonical routes. Raises KeyError for an unknown one."""
    declared = {
        name: route for routes in blueprints if isinstance(routes, Routes) for name, route in routes.declared.items()
    }
    served = blueprint(__name__, Tag.ADMIN_ACCESS)
    for alias in ALIASES:
        canonical, handler = declared[alias.canonical]
        served.serve(alias_of(canonical, alias), handler)
    return served


def alias_of(canonical: RouteSpec, alias: Alias) -> RouteSpec:
    """The declaration of the alias."""
    summary, _, _ = canonical.summary.strip().partition("\n")
    named = f"{summary}\n\n{SUMMARY.format(canonical=canonical.name)}"
    route = replace(canonical, method=alias.method, path=alias.path, summary=named)
    if alias.list_field:
        return replace(route, response=_list_model(canonical.response, alias), shape=alias.shape)
    if alias.fields:
        return replace(route, response=_renamed_model(canonical.response, alias), shape=alias.shape)
    return route


def _list_model(response: type[BaseModel], alias: Alias) -> type[BaseModel]:
    listed: Any = response.model_fields[alias.list_field].annotation
    return create_model(f"{response.__name__}List", __base__=RootModel[listed])


def _renamed_model(response: type[BaseModel], alias: Alias) -> type[BaseModel]:
    fields: dict[str, Any] = {
        alias.name_of(name): (info.annotation, info) for name, info in response.model_fields.items()
    }
    return create_model(f"{response.__name__}ForDashboard", __base__=ResponseModel, **fields)
