"""Descriptions of fields, from the text below each in the source of its model.

Read when the document is made. Pydantic would read the sources at every cold start.
"""

import ast
import sys
from functools import cache
from inspect import getsource
from itertools import pairwise
from typing import Any

from pydantic import BaseModel


def with_field_docs(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a model. A field without a description has the text below it in the source."""
    docs: dict[str, str] = {}
    for of in reversed(model.__mro__):
        if issubclass(of, BaseModel):
            docs |= _docs(of.__module__).get(of.__name__, {})
    fields = schema.get("properties", {})
    described = {name: {"description": docs[name], **of} if name in docs else of for name, of in fields.items()}
    return {**schema, **({"properties": described} if fields else {})}


@cache
def _docs(module: str) -> dict[str, dict[str, str]]:
    """The texts below the fields of each class of the module: class, field, text.

    A module is parsed once. `inspect.getsource` of a class parses the whole module each time.
    """
    tree = ast.parse(getsource(sys.modules[module]))
    return {of.name: _texts(of) for of in tree.body if isinstance(of, ast.ClassDef)}


def _texts(of: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for pair in pairwise(of.body):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = " ".join(text.split()).removesuffix(".")
    return texts
