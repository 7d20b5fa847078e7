"""Makes the OpenAPI 3.1 document from what the routes declare."""

from infra.openapi.document import document, routes_of

__all__ = ["document", "routes_of"]
