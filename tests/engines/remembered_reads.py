"""Answers of reads, remembered while the tables that they read stay as they are: set-ups and audits repeat most."""

import pickle
from typing import Any

from tests.engines.table_versions import TableVersions
from tests.world.direct_client import Answer, Handle, http_response

MAX_ANSWERS, MAX_ANSWER_BYTES = 5_000, 64_000
OK = http_response(200)


class RememberedReads:
    """An engine's answers. A read that was answered on the same rows before is answered from memory."""

    def __init__(self, versions: TableVersions, handle: Handle) -> None:
        self._versions, self._handle = versions, handle
        self._answers: dict[tuple[object, ...], bytes] = {}

    def __call__(self, model: Any, params: dict[str, Any]) -> Answer:
        tables = _tables_read(model.name, params)
        if tables is None:
            return self._write(model, params)
        versions = self._versions_of(tables)
        read = (model.name, pickle.dumps(params), *versions)
        remembered = self._answers.get(read)
        if remembered is not None:
            # bytes that this process made; a copy, because a caller may change an answer
            return OK, pickle.loads(remembered)  # noqa: S301
        http, answer = self._handle(model, params)
        if http.status_code == OK.status_code and versions == self._versions_of(tables):
            self._remember(read, answer)
        return http, answer

    def _write(self, model: Any, params: dict[str, Any]) -> Answer:
        """New versions before and after: a read at the same time may see the tables either way."""
        self._versions.note(model.name, params)
        try:
            return self._handle(model, params)
        finally:
            self._versions.note(model.name, params)

    def _versions_of(self, tables: list[str]) -> list[int]:
        return [self._versions[table] for table in tables]

    def _remember(self, read: tuple[object, ...], answer: dict[str, Any]) -> None:
        content = pickle.dumps(answer)
        if len(content) > MAX_ANSWER_BYTES:
            return
        if len(self._answers) >= MAX_ANSWERS:
            self._answers.clear()
        self._answers[read] = content


def _tables_read(operation: str, params: dict[str, Any]) -> list[str] | None:
    """The tables that a read reads. None for an operation that is no read of rows."""
    match operation:
        case "GetItem" | "Query" | "Scan":
            return [params["TableName"]]
        case "BatchGetItem":
            return sorted(params["RequestItems"])
        case _:
            return None
