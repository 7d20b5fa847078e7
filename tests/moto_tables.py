"""moto's DynamoDB called as a function: no HTTP, no signature, none of moto's own dispatching.

botocore's events are emitted as ever, so that calls can be counted and failed. Its serialiser, its retries and the
wire are left to the tests that run against an engine of its own: the sandbox's, the races, this suite on dynoxide.
"""

import pickle
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.parsers import create_parser
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from infra.local.engine import REGION
from infra.local.isolation import isolate_tables
from infra.local.lambdas import ACCOUNT

ERRORS = 300
OK = AWSResponse("dynamodb", 200, HTTPHeaders(), None)
READS = {"BatchGetItem", "GetItem", "Query", "Scan"}
Answer = tuple[AWSResponse, dict[str, Any]]


class MotoTables:
    """Tables in this process; `session` makes clients that use them."""

    def __init__(self) -> None:
        isolate_tables()
        self._turn = threading.RLock()
        self.untouched = True
        self._made: dict[str, Any] = {}
        self.session = botocore.session.get_session()
        self.session.get_component("event_emitter").register("creating-client-class.dynamodb", self._client_class)

    def empty(self) -> None:
        """Every table without a row, also one that a test took away."""
        tables = dynamodb_backends[ACCOUNT][REGION].tables
        self._made = self._made or dict(tables)
        tables.update(self._made)
        for table in tables.values():
            table.items = defaultdict(dict)
        self.untouched = True

    def saved(self) -> Callable[[], None]:
        """Remembers every row as it is now; calling what this returns puts them all back."""
        tables = dynamodb_backends[ACCOUNT][REGION].tables
        rows = pickle.dumps({name: table.items for name, table in tables.items()})

        def put_back() -> None:
            for name, items in pickle.loads(rows).items():  # noqa: S301  our own, and twice as fast as a deep copy
                tables[name].items = items
            self.untouched = False

        return put_back

    def _client_class(self, class_attributes: dict[str, Any], **_: Any) -> None:
        """Clients of this session build, sign and send no request."""

        def make_api_call(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            return self._call(client, operation, params)

        class_attributes["_make_api_call"] = make_api_call

    def _call(self, client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """One call as botocore makes it, its events around it. Raises the client's own exceptions."""
        model, events = client.meta.service_model.operation_model(operation), client.meta.events
        name, context = f"dynamodb.{operation}", {"client_config": client.meta.config}
        events.emit(f"before-parameter-build.{name}", params=params, model=model, context=context)
        answer = events.emit_until_response(f"before-call.{name}", model=model, params=params, context=context)[1]
        http, parsed = answer or self._handle(model, params)
        events.emit(f"after-call.{name}", http_response=http, parsed=parsed, model=model, context=context)
        if http.status_code >= ERRORS:
            raise client.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)
        return cast("dict[str, Any]", parsed)

    def _handle(self, model: Any, params: dict[str, Any]) -> Answer:
        handler = DynamoHandler()
        handler.body = params
        handler.region, handler.current_account = REGION, ACCOUNT
        with self._turn:
            self.untouched = self.untouched and model.name in READS
            try:
                result = getattr(handler, _method(model.name))().result
            except HTTPException as error:
                return _refused(model, error)
            return OK, cast("dict[str, Any]", result)


_method = cache(camelcase_to_underscores)


def _refused(model: Any, error: HTTPException) -> Answer:
    """moto's error as the wire would bring it, with what DynamoDB's model says of errors of its kind."""
    status = int(error.code or 500)
    raw = {"body": str(error.description).encode(), "headers": {}, "status_code": status}
    parser = create_parser(model.service_model.resolved_protocol)
    parsed = parser.parse(raw, model.output_shape)
    kind = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
    if kind is not None:
        parsed |= parser.parse(raw, kind)
    return AWSResponse("dynamodb", status, HTTPHeaders(), None), parsed
