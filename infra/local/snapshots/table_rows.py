"""All rows of the service's tables, read and replaced over DynamoDB's protocol, whichever engine holds them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalicelib.tables.rows import Row
from infra.local.aws.aws_account import REGION
from infra.tables import key_names, unprefixed_name

SECONDS = 60
BATCH = 25
READERS = 4
MAX_TRIES = 100
Item = Mapping[str, Any]


class TableRows:
    """The rows as DynamoDB's JSON, by table. botocore would take most of the time to read them."""

    def __init__(
        self, url: str, models: Sequence[type[Row]], prefix: str, read_all: Callable[[], Any] | None = None
    ) -> None:
        """`read_all` is the engine's own way to read all rows, by the tables' whole names, where it has one."""
        self._url = url
        self._read_all = read_all
        self._prefix = prefix
        self._keys = {unprefixed_name(model): key_names(model) for model in models}
        self._session = requests.Session()
        self._credentials = Credentials("sandbox", "sandbox")

    def state(self) -> dict[str, list[Item]]:
        return {name: rows for name, rows in self._present().items() if rows}

    def prepare(self, state: Any) -> Callable[[], None]:
        if unknown := sorted(state.keys() - self._keys.keys()):
            raise ValueError(f"there is no table {', '.join(unknown)}")
        wanted = {name: {self._key(name, item): item for item in state.get(name, ())} for name in self._keys}
        return lambda: self._replace(wanted)

    def _replace(self, wanted: Mapping[str, Mapping[str, Item]]) -> None:
        """Write what differs. Most rows are as they were."""
        all_present = self._present()
        for name, rows in wanted.items():
            present = {self._key(name, item): item for item in all_present[name]}
            gone = [item for key, item in present.items() if key not in rows]
            keys = [{attribute: item[attribute] for attribute in self._keys[name]} for item in gone]
            writes: list[Any] = [{"DeleteRequest": {"Key": key}} for key in keys]
            new = [item for key, item in rows.items() if present.get(key) != item]
            writes += [{"PutRequest": {"Item": item}} for item in new]
            # moto takes equal keys of two tables in one batch for a duplicate
            for first in range(0, len(writes), BATCH):
                self._write({self._prefix + name: writes[first : first + BATCH]})

    def _write(self, request: Any) -> None:
        for _ in range(MAX_TRIES):
            request = self._call("BatchWriteItem", {"RequestItems": request}).get("UnprocessedItems") or {}
            if not request:
                return
        raise OSError("DynamoDB takes no more rows")

    def _present(self) -> dict[str, list[Item]]:
        if self._read_all is not None:
            all_rows = self._read_all()
            return {name: all_rows.get(self._prefix + name, []) for name in self._keys}
        with ThreadPoolExecutor(READERS) as pool:
            return dict(zip(self._keys, pool.map(lambda name: list(self._scan(name)), self._keys), strict=True))

    def _scan(self, name: str) -> Iterator[Item]:
        start: Any = None
        while True:
            more = {"ExclusiveStartKey": start} if start else {}
            page = self._call("Scan", {"TableName": self._prefix + name, "ConsistentRead": True, **more})
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    def _key(self, name: str, item: Item) -> str:
        return json.dumps([item[attribute] for attribute in self._keys[name]])

    def _call(self, operation: str, content: Mapping[str, Any]) -> Any:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        request = AWSRequest("POST", self._url, headers, json.dumps(content))
        SigV4Auth(self._credentials, "dynamodb", REGION).add_auth(request)
        answer = self._session.post(self._url, data=request.data, headers=dict(request.headers), timeout=SECONDS)
        if answer.status_code != requests.codes.ok:
            raise OSError(f"DynamoDB answers {operation} with {answer.status_code}: {answer.text[:200]}")
        return answer.json()
