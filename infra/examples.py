"""Examples for the API document, made of the schemas themselves, so that they can't fall behind."""

from typing import Any

TEXTS = {"date": "1998-02-14", "date-time": "2026-11-23T06:00:00Z", "binary": "(a file)"}


def example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value the schema allows: its own example or default where it has one, else the plainest."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], schemas)
    return _plainest(schema, schemas)


def _plainest(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {name: example(of, schemas) for name, of in schema["properties"].items()}
        case "object":
            return {}
        case "array":
            return [example(schema["items"], schemas)]
        case "string":
            return TEXTS.get(schema.get("format", ""), "text")
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return None
