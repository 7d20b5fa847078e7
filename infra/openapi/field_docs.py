"""Descriptions of fields, from the text below each in the source of its model.

Read when the document is made. Pydantic would read the sources at every cold start.
"""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from textwrap import dedent
from typing import Any

from pydantic import BaseModel


def with_field_docs(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a model. A field without a description has the text below it in the source."""
    docs = {name: text for of in reversed(model.__mro__) if issubclass(of, BaseModel) for name, text in _docs(of)}
    fields = schema.get("properties", {})
    described = {name: {"description": docs[name], **of} if name in docs else of for name, of in fields.items()}
    return {**schema, **({"properties": described} if fields else {})}


def _docs(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    try:
        (found,) = ast.parse(dedent(inspect.getsource(model))).body
    except (OSError, TypeError):  # a model that was made while the program ran has no source
        return
    for pair in pairwise(getattr(found, "body", [])):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split()).removesuffix(".")
