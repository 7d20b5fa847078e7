"""Tables in this process, on the engine of the tests: no HTTP, no botocore serialiser, no copies of whole tables."""

from collections.abc import Callable
from typing import Any

import botocore.session

from tests.engines.memory_engine.engine import MemoryEngine
from tests.engines.memory_engine.engine_errors import EngineError
from tests.engines.table_versions import EMPTY, TableVersions
from tests.world.direct_client import Answer, call_directly, http_response

OK, BAD_REQUEST = http_response(200), http_response(400)


class MemoryTables:
    """Tables in this process; `session` makes clients that use them."""

    def __init__(self) -> None:
        self.versions = TableVersions()
        self._engine = MemoryEngine()
        self._made: dict[str, Any] = {}
        self.session = botocore.session.get_session()
        call_directly(self.session, self._handle)

    def empty(self) -> None:
        """Every table without a row, also one that a test deleted."""
        self._made = self._made or dict(self._engine.tables)
        self._engine.tables.update(self._made)
        for name, table in self._engine.tables.items():
            if self.versions[name] != EMPTY:
                table.clear()
        self._engine.forget_tokens()
        self.versions.empty()

    def saved(self) -> Callable[[], None]:
        """Saves every row as it is now. The returned function restores them all."""
        versions = self.versions.all()
        restore = {name: self._engine.tables[name].saved() for name, _ in versions}

        def put_back() -> None:
            for name, version in self.versions.all():
                if name not in restore and version != EMPTY:
                    self._engine.tables[name].clear()
            for name, version in versions:
                if self.versions[name] != version:
                    restore[name]()
            self._engine.forget_tokens()
            self.versions.put_back(versions)

        return put_back

    def _handle(self, model: Any, params: dict[str, Any]) -> Answer:
        self.versions.note(model.name, params)
        try:
            return OK, self._engine.call(model.name, params)
        except EngineError as error:
            return BAD_REQUEST, {"Error": {"Code": error.code, "Message": error.message}, **error.fields}
        finally:
            self.versions.note(model.name, params)
