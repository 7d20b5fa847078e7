"""OpenAPI 3.1 out of what the routes declare: the models that validate are the models that are documented."""

from infra.openapi.document import document, routes_of

__all__ = ["document", "routes_of"]
