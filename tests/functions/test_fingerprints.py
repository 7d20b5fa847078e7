"""Fingerprints of idempotent requests: any difference in what a handler acts on makes another fingerprint."""

from typing import Any

from chalicelib.edge.authentication import fingerprint
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.models import PageQuery, RequestModel
from chalicelib.edge.multipart_form import UploadedFile
from chalicelib.edge.request_parsing import RequestParts


class Order(RequestModel):
    amount: int
    note: str | None = None
    file: UploadedFile | None = None


ROUTE = RouteSpec("POST", "/api/orders/{order_id}", body=Order)


def digest(route: RouteSpec = ROUTE, *, path: str = "1", limit: int = 20, **body: Any) -> str:
    fields = {"amount": 5, **body}
    return fingerprint(route, RequestParts(Order(**fields), PageQuery(limit=limit), {"order_id": path}))


def picture(content: bytes) -> UploadedFile:
    return UploadedFile("a.jpg", "image/jpeg", content)


def test_the_same_request_has_the_same_fingerprint() -> None:
    assert digest(note="a", file=picture(b"x")) == digest(note="a", file=picture(b"x"))
    assert digest() == digest(note=None)


def test_every_part_of_a_request_changes_its_fingerprint() -> None:
    other_route = RouteSpec("PUT", "/api/orders/{order_id}", body=Order)
    different = {
        digest(),
        digest(other_route),
        digest(path="2"),
        digest(limit=21),
        digest(amount=6),
        digest(note=""),
        digest(note="None"),
        digest(file=picture(b"x")),
        digest(file=picture(b"y")),
    }
    assert len(different) == 9
