"""Calls moto's DynamoDB as a function, without HTTP, signatures and moto's own dispatching."""

import pickle
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import botocore.session
from botocore.parsers import create_parser
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from infra.local.aws_account import ACCOUNT, REGION
from infra.local.moto_isolation import isolate_tables
from tests.direct_client import Answer, call_directly, http_response
from tests.remembered_reads import OK, RememberedReads
from tests.table_versions import EMPTY, TableVersions


class MotoTables:
    """Tables in this process; `session` makes clients that use them."""

    def __init__(self) -> None:
        isolate_tables()
        self._turn = threading.RLock()
        self.versions = TableVersions()
        self._made: dict[str, Any] = {}
        self.session = botocore.session.get_session()
        call_directly(self.session, RememberedReads(self.versions, self._handle))

    def empty(self) -> None:
        """Every table without a row, also one that a test deleted."""
        tables = self._tables()
        self._made = self._made or dict(tables)
        tables.update(self._made)
        for name, table in tables.items():
            if self.versions[name] != EMPTY or table.items:
                table.items = defaultdict(dict)
        self.versions.empty()

    def saved(self) -> Callable[[], None]:
        """Remembers every row as it is now; calling what this returns puts them all back."""
        versions = self.versions.all()
        rows = {name: pickle.dumps(self._tables()[name].items) for name, _ in versions}

        def put_back() -> None:
            for name, version in self.versions.all():
                if name not in rows and version != EMPTY:
                    self._tables()[name].items = defaultdict(dict)
            for name, version in versions:
                if self.versions[name] != version:
                    # rows of our own, and twice as fast as a deep copy
                    self._tables()[name].items = pickle.loads(rows[name])  # noqa: S301
            self.versions.put_back(versions)

        return put_back

    def _tables(self) -> Any:
        return dynamodb_backends[ACCOUNT][REGION].tables

    def _handle(self, model: Any, params: dict[str, Any]) -> Answer:
        handler = DynamoHandler()
        handler.body = params
        handler.region, handler.current_account = REGION, ACCOUNT
        with self._turn:
            try:
                result = getattr(handler, _method(model.name))().result
            except HTTPException as error:
                return _refused(model, error)
            return OK, cast("dict[str, Any]", result)


_method = cache(camelcase_to_underscores)


def _refused(model: Any, error: HTTPException) -> Answer:
    """moto's error as DynamoDB would send it, with the HTTP status that DynamoDB's model declares."""
    status = int(error.code or 500)
    raw = {"body": str(error.description).encode(), "headers": {}, "status_code": status}
    parser = create_parser(model.service_model.resolved_protocol)
    parsed = parser.parse(raw, model.output_shape)
    kind = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
    if kind is not None:
        parsed |= parser.parse(raw, kind)
    return http_response(status), parsed
