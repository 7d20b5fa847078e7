"""Serves the aliases of `aliases` by the handlers of their canonical routes."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, RootModel, create_model

from chalicelib.edge.context import RouteSpec
from chalicelib.edge.handler_binding import Handler
from chalicelib.edge.models import RequestModel
from chalicelib.edge.responses import Response
from chalicelib.edge.routes import Routes
from chalicelib.services.caller import Caller
from functions.admin.aliases import ALIASES, Alias
from functions.routing import blueprint
from functions.tags import Tag

SUMMARY = "The name by which the operators' dashboard calls `{canonical}`."


def alias_routes(blueprints: Iterable[object]) -> Routes:
    """The routes of all aliases. `blueprints` hold the canonical routes. Raises KeyError for an unknown one."""
    declared = {
        name: route for routes in blueprints if isinstance(routes, Routes) for name, route in routes.declared.items()
    }
    served = blueprint(__name__, Tag.ADMIN_ACCESS)
    for alias in ALIASES:
        served.serve(*_served(alias, *declared[alias.canonical]))
    return served


def _served(alias: Alias, canonical: RouteSpec, handler: Handler) -> tuple[RouteSpec, Handler]:
    """The declaration of the alias, and the handler that serves it."""
    summary, _, _ = canonical.summary.strip().partition("\n")
    named = f"{summary}\n\n{SUMMARY.format(canonical=canonical.name)}"
    route = replace(canonical, method=alias.method, path=alias.path, summary=named)
    if alias.list_field:
        model = _list_model(canonical.response, alias.list_field)
        return replace(route, response=model, shape=lambda data: data[alias.list_field]), handler
    if alias.path_fields:
        body = _body_model(canonical.body, tuple(alias.constants), tuple(alias.path_fields.values()))
        return replace(route, body=body), _with_path_from_body(alias, canonical.body, body, handler)
    return route, handler


def _list_model(response: type[BaseModel], list_field: str) -> type[BaseModel]:
    listed: Any = response.model_fields[list_field].annotation
    return create_model(f"{response.__name__}List", __base__=RootModel[listed])


@cache
def _body_model(body: type[BaseModel], constants: tuple[str, ...], added: tuple[str, ...]) -> type[BaseModel]:
    """The canonical body without the fields that the aliases stand for, and with those of the path."""
    fields: dict[str, Any] = {
        name: (info.annotation, info) for name, info in body.model_fields.items() if name not in constants
    }
    fields |= {name: (Annotated[str, Field(min_length=1, max_length=128)], ...) for name in added}
    return create_model(f"{body.__name__}ByName", __base__=RequestModel, **fields)


def _with_path_from_body(
    alias: Alias, canonical: type[BaseModel], body: type[BaseModel], handler: Handler
) -> Handler:
    """A handler that takes the path parameters from the body, and calls the canonical one."""

    def serve(request: Any, caller: Caller, language: str) -> Response:
        fields = request.model_dump(exclude_unset=True)
        path = {name: fields.pop(field) for name, field in alias.path_fields.items()}
        return handler(request=canonical(**fields, **alias.constants), caller=caller, language=language, **path)

    serve.__name__ = handler.__name__
    serve.__annotations__ = serve.__annotations__ | {"request": body}
    return serve
