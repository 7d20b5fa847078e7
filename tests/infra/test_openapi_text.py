"""The API document's form: readable in diffs, without repetition."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app import app
from infra.openapi.compact import WIDTH, written
from tests.scenarios.contract import documented, operations, resolved

KEYWORDS = {
    *("$ref", "type", "format", "enum", "const", "properties", "required", "additionalProperties", "items"),
    *("allOf", "anyOf", "oneOf", "description", "examples", "default", "minLength", "maxLength", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems", "maxProperties", "propertyNames"),
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_compact_text_means_the_same(value: Any) -> None:
    assert json.loads(written(value)) == value


def test_what_fits_on_a_line_is_on_one_line() -> None:
    inner = {"b": ["c", {"d": 1}]}
    assert written({"a": inner}) == '{"a": {"b": ["c", {"d": 1}]}}'
    assert written({"a": inner, "z": "z" * WIDTH}).splitlines()[1] == ' "a": {"b": ["c", {"d": 1}]},'


def test_a_word_list_fills_its_lines() -> None:
    words = [f"word_number_{number}" for number in range(20)]
    assert written({"words": words}).count("\n") == 7


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for item in node.values():
            yield from refs(item)
    elif isinstance(node, list):
        for item in node:
            yield from refs(item)


def test_every_component_is_used_and_every_reference_resolves() -> None:
    content = documented(app)
    there = {f"#/components/{kind}/{name}" for kind, named in content["components"].items() for name in named}
    assert there - {"#/components/securitySchemes/token"} == set(refs(content))


def test_an_error_is_a_component_in_every_operation() -> None:
    for name, operation in operations(app):
        for status, response in operation["responses"].items():
            assert status < "400" or response.keys() == {"$ref"}, (name, status)


def test_only_a_multipart_form_and_raw_bytes_can_hold_a_file() -> None:
    for name, operation in operations(app):
        for kind, content in resolved(app, operation.get("requestBody", {})).get("content", {}).items():
            if kind not in ("multipart/form-data", "application/octet-stream"):
                assert "binary" not in json.dumps(resolved(app, content["schema"])), (name, kind)


def test_a_success_says_what_its_data_is() -> None:
    for name, operation in operations(app):
        for status, response in operation["responses"].items():
            content = resolved(app, response).get("content", {})
            if status < "300" and "application/json" in content:
                envelope, own = content["application/json"]["schema"]["allOf"]
                assert envelope == {"$ref": "#/components/schemas/Envelope"}
                assert own["properties"]["data"], name


def schemas_in(schema: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and those inside it, each with its place."""
    yield name, schema
    for field, of in schema.get("properties", {}).items():
        yield from schemas_in(of, f"{name}.{field}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from schemas_in(schema[keyword], f"{name}.{keyword}")
    for keyword in ("allOf", "anyOf", "oneOf"):
        for item in schema.get(keyword, ()):
            yield from schemas_in(item, name)


def test_schemas_have_only_keywords_of_json_schema_and_no_words_of_the_code() -> None:
    for name, named in documented(app)["components"]["schemas"].items():
        assert "__" not in name, "two models of one name: clients would see the names of our modules"
        for place, schema in schemas_in(named, name):
            assert schema.keys() <= KEYWORDS, place
            assert not {"None", "handler", "`request`"} & set(schema.get("description", "").split()), place


def test_a_field_that_refuses_null_is_documented_without_it() -> None:
    """A username can be changed and not removed; a phone number or an e-mail can be removed."""
    for model in ("PatchProfile", "PutProfile"):
        fields = documented(app)["components"]["schemas"][model]["properties"]
        assert (fields["username"]["type"], fields["email"]["type"]) == ("string", ["string", "null"])


def test_the_text_below_a_field_is_its_description() -> None:
    schemas = documented(app)["components"]["schemas"]
    assert schemas["AdminRefund"]["properties"]["manual_close_reason"]["description"].startswith("Why the refund")
    assert schemas["ListedRefund"]["properties"]["due_amount"]["description"] == "What the customer owes"


def test_money_keeps_its_description() -> None:
    fields = documented(app)["components"]["schemas"]["RentalResponse"]["properties"]
    assert fields["late_fee_so_far"] == {
        "$ref": "#/components/schemas/Rupees",
        "description": "The late fee if the power bank came back now",
    }
