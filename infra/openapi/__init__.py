"""Makes the OpenAPI 3.1 document from what the routes declare.

`document` puts it together from `parameters`, `responses`, `components`, `schemas`, `field_docs` and `examples`;
`compact` writes it as text.
"""

from infra.openapi.document import document, routes_of

__all__ = ["document", "routes_of"]
