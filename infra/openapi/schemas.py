"""JSON Schemas of the models that the routes declare, each under its own name."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from chalicelib.edge.context import RouteSpec
from chalicelib.edge.formats import Rupees
from chalicelib.edge.responses import CsvFile
from infra.openapi.examples import with_examples
from infra.openapi.field_docs import with_field_docs

REF = "#/components/schemas/{model}"
BINARY = "binary"
REQUEST: JsonSchemaMode = "validation"
RESPONSE: JsonSchemaMode = "serialization"


class Generator(GenerateJsonSchema):
    """Pydantic's schemas without titles and without null defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return with_field_docs(_untitled(super().model_schema(schema)), schema["cls"])

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        return _untitled(super().enum_schema(schema))

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if self.mode == RESPONSE or schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        made = super().nullable_schema(schema)
        simple = [item for item in made.get("anyOf", ()) if item != {"type": "null"}]
        if len(simple) != 1 or not isinstance(simple[0].get("type"), str) or "const" in simple[0]:
            return made
        values = {"enum": [*simple[0]["enum"], None]} if "enum" in simple[0] else {}
        return {**simple[0], "type": [simple[0]["type"], "null"], **values}

    def normalize_name(self, name: str) -> str:
        """`Page[RentalResponse]` becomes `PageOfRentalResponse`."""
        return super().normalize_name(re.sub(r"\[(\w+)\]", r"Of\1", name))


def _untitled(schema: JsonSchemaValue) -> JsonSchemaValue:
    return {name: value for name, value in schema.items() if name != "title"}


class Schemas:
    """The schemas of all models, made together so that their names are unique."""

    def __init__(self, routes_used: Iterable[RouteSpec]) -> None:
        types: dict[tuple[Any, JsonSchemaMode], Any] = {}
        for route in routes_used:
            requests = [(item, REQUEST) for item in (route.body, route.query, route.callback)]
            responses = [(item, RESPONSE) for item in (route.response, route.top_level) if item is not CsvFile]
            types |= dict.fromkeys((item, mode) for item, mode in (*requests, *responses) if item is not None)
        inputs = [(of, mode, TypeAdapter(of)) for of, mode in types]
        self._schemas, made = TypeAdapter.json_schemas(inputs, ref_template=REF, schema_generator=Generator)
        self.components: dict[str, Any] = {
            "Rupees": {"description": "NPR with two decimal places", **TypeAdapter(Rupees).json_schema()},
            **{name: _with_named_money(with_examples(_standard(item))) for name, item in made["$defs"].items()},
        }

    def of(self, model: Any, mode: JsonSchemaMode) -> dict[str, Any]:
        """The schema of a model: a reference to a component, or the schema itself if the model has no name."""
        return dict(self._schemas[model, mode])

    def resolved(self, model: Any, mode: JsonSchemaMode) -> dict[str, Any]:
        """The schema of a model, without a reference."""
        return dict(self.components[self.name(model, mode)])

    def name(self, model: Any, mode: JsonSchemaMode) -> str:
        return str(self._schemas[model, mode]["$ref"].rpartition("/")[2])

    def bodies(self, model: Any) -> dict[str, Any]:
        """A request body's schema by content type. Only a multipart form can hold a file."""
        whole, name = self.resolved(model, REQUEST), self.name(model, REQUEST)
        text = whole_ref = {"$ref": REF.format(model=name)}
        if any(_holds_file(item) for item in whole["properties"].values()):
            self.components[f"{name}AsText"] = _without_files(whole)
            text = {"$ref": REF.format(model=f"{name}AsText")}
        return {
            "application/json": {"schema": text},
            "application/x-www-form-urlencoded": {"schema": text},
            "multipart/form-data": {"schema": whole_ref},
        }


def _standard(schema: Any) -> Any:
    """A named schema without its title, and without the limits of dates, for which JSON Schema has no keywords."""
    return _untitled({name: _with_dates_in_words(item) for name, item in schema.items()})


def _with_dates_in_words(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_dates_in_words(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") != "date" or not node.keys() & {"ge", "le"}:
        return {name: _with_dates_in_words(item) for name, item in node.items()}
    limits = " ".join(f"{word} {node[name]}" for name, word in (("ge", "From"), ("le", "to")) if name in node)
    words = ". ".join(filter(None, (node.get("description"), limits)))
    return {name: value for name, value in node.items() if name not in ("ge", "le")} | {"description": words}


def _with_named_money(schema: dict[str, Any]) -> dict[str, Any]:
    """An object's schema whose amounts refer to the one component for amounts."""
    fields = schema.get("properties", {})
    return {**schema, **({"properties": {name: _money(of) for name, of in fields.items()}} if fields else {})}


def _money(of: dict[str, Any]) -> dict[str, Any]:
    if of.get("format") != "decimal":
        return of
    ref = {"$ref": REF.format(model="Rupees")}
    described = {"description": of["description"]} if "description" in of else {}
    return (ref if of["type"] == "string" else {"anyOf": [ref, {"type": "null"}]}) | described


def _holds_file(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == BINARY or any(_holds_file(item) for item in schema.get("anyOf", ()))


def _without_files(whole: dict[str, Any]) -> dict[str, Any]:
    """The schema of the same fields as text, without the fields that can only be files."""
    content = {name: _as_text(item) for name, item in whole["properties"].items()}
    fields = {name: item for name, item in content.items() if item is not None}
    made = {**whole, "properties": fields}
    forms = [form for form in made.pop("oneOf", ()) if set(form["required"]) <= fields.keys()]
    if not forms:
        return made
    needed = {name: without_null(fields[name]) for name in forms[0]["required"]}
    return {**made, "required": [*needed], "properties": fields | needed}


def _as_text(schema: dict[str, Any]) -> dict[str, Any] | None:
    if not _holds_file(schema):
        return schema
    choices = [text for item in schema.get("anyOf", ()) if (text := _as_text(item)) is not None]
    if all(item == {"type": "null"} for item in choices):
        return None
    return _either([item for item in choices if item != {"type": "null"}], schema, null={"type": "null"} in choices)


def _either(choices: list[dict[str, Any]], schema: dict[str, Any], *, null: bool) -> dict[str, Any]:
    """The schema with `choices` in place of its own `anyOf`."""
    other_keywords = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(choices) == 1 and "type" in choices[0]:
        return choices[0] | other_keywords | ({"type": [choices[0]["type"], "null"]} if null else {})
    return other_keywords | {"anyOf": [*choices, *([{"type": "null"}] if null else [])]}


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without null: a query can't hold null."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        present_kinds = [kind for kind in kinds if kind != "null"]
        made = {**schema, "type": present_kinds[0] if len(present_kinds) == 1 else present_kinds}
        return made | ({"enum": [item for item in made["enum"] if item is not None]} if "enum" in made else {})
    if "anyOf" in schema:
        present = [item for item in schema["anyOf"] if item != {"type": "null"}]
        return _either(present, schema, null=False)
    return schema
