"""Lists in the body of a request: JSON has lists, and a form repeats a field."""

from typing import Any, get_args

import pytest

from chalicelib.edge.text_conversion import as_list
from tests.functions.request_samples import ROUTES_WITH_BODY, VALID_BODIES, route_of, send
from tests.world.forms import FORM
from tests.world.network import Network


def lists_of(route: str) -> list[str]:
    """The fields of the route's body that a form may repeat."""
    fields = route_of(route).body.model_fields
    return [field.alias or name for name, field in fields.items() if is_list(field.annotation, field.metadata)]


def is_list(annotation: Any, metadata: list[Any]) -> bool:
    if any(getattr(item, "func", None) is as_list for item in metadata):
        return True
    return any(is_list(part, list(getattr(part, "__metadata__", ()))) for part in get_args(annotation))


ROUTES = [route for route in ROUTES_WITH_BODY if lists_of(route)]


def test_routes_with_a_list_in_the_body_are_found() -> None:
    assert {"PUT /api/admin/stations/{sn}", "PATCH /api/admin/stations/{sn}"} <= {*ROUTES}


@pytest.mark.parametrize("route", ROUTES)
def test_a_text_in_place_of_a_list_is_refused(route: str, network: Network, tokens: dict[str, str]) -> None:
    for name in lists_of(route):
        answer = send(route, tokens, {**VALID_BODIES.get(route, {}), name: "AAA"})
        assert answer.code == "invalid_input", name
        assert name in str(answer.body)


def test_a_form_sends_a_list_of_one_as_a_text(network: Network, tokens: dict[str, str]) -> None:
    answer = send("PATCH /api/admin/stations/{sn}", tokens, raw=b"amenities=wifi", headers={"Content-Type": FORM})
    assert answer.code == "not_found"
