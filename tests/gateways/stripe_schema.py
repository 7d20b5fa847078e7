"""Compares values with the annotations of the pinned Stripe library's classes."""

import re
import sys
import types
from typing import (
    Any,
    ClassVar,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

import stripe

NUMBER = re.compile(r"-?[0-9]+", re.ASCII)
PLAIN: dict[Any, tuple[type, ...]] = {int: (int,), str: (str,), bool: (bool,), float: (int, float)}


class Names(dict[str, Any]):
    """The library's public names, which it imports at first use."""

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(stripe, name)
        except AttributeError:
            raise KeyError(name) from None


def mistakes(value: Any, kind: Any, at: str, owner: Any = None, *, on_the_wire: bool = False) -> list[str]:
    """Where `value` differs from the annotation `kind` of the class `owner`.

    `on_the_wire`: the value comes from a form or a query, where numbers and truth values are texts. A text that the
    library lists is one of the listed words, although the library accepts any.
    """
    kind = _resolved(kind, owner)
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any:
        return []
    if origin in (NotRequired, Required, ClassVar):
        return mistakes(value, parts[0], at, owner, on_the_wire=on_the_wire)
    if origin in (Union, types.UnionType):
        return _of_union(value, parts, at, owner, on_the_wire=on_the_wire)
    if origin is Literal:
        return [] if value in parts else [f"{at}: {value!r} is none of {parts[:9]}"]
    if kind is type(None):
        return [] if value is None else [f"{at}: {value!r} is not null"]
    if origin is list:
        items = value if isinstance(value, list) else [value]
        mistakes_of_items = [mistakes(item, parts[0], f"{at}[]", owner, on_the_wire=on_the_wire) for item in items]
        return sum(mistakes_of_items, [] if isinstance(value, list) else [f"{at}: no list"])
    if kind in PLAIN:
        return _of_plain(value, kind, at, on_the_wire=on_the_wire)
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no object"]
    if origin is not None or not hasattr(kind, "__annotations__") or kind.__name__ == "UntypedStripeObject":
        return [f"{at}.{name}: {item!r} is no text" for name, item in value.items() if not isinstance(item, str)]
    return _of_object(value, kind, at, on_the_wire=on_the_wire)


def _of_union(value: Any, parts: tuple[Any, ...], at: str, owner: Any, *, on_the_wire: bool) -> list[str]:
    options: list[Any] = []
    for part in parts:
        option = _resolved(part, owner)
        options += get_args(option) if get_origin(option) in (Union, types.UnionType) else [option]
    if any(get_origin(option) is Literal for option in options):
        options = [option for option in options if option is not str]
    mistakes_of_options = [mistakes(value, option, at, owner, on_the_wire=on_the_wire) for option in options]
    return [] if [] in mistakes_of_options else max(mistakes_of_options, key=lambda one: at + "." in one[0])


def _of_plain(value: Any, kind: type, at: str, *, on_the_wire: bool) -> list[str]:
    if on_the_wire and kind is int:
        right = isinstance(value, str) and bool(NUMBER.fullmatch(value))
    elif on_the_wire and kind is bool:
        right = value in ("true", "false")
    else:
        right = isinstance(value, PLAIN[kind]) and (kind is bool or not isinstance(value, bool))
    return [] if right else [f"{at}: {value!r} is no {kind.__name__}"]


def _of_object(value: dict[str, Any], kind: Any, at: str, *, on_the_wire: bool) -> list[str]:
    fields: dict[str, Any] = {}
    for part in reversed(kind.__mro__ if not is_typeddict(kind) else [kind]):
        fields |= {name: (hint, part) for name, hint in vars(part).get("__annotations__", {}).items()}
    unknown = [f"{at}.{name}: unknown" for name in value if name not in fields]
    required = getattr(kind, "__required_keys__", ())
    missing = [f"{at}.{name}: missing" for name in required if name not in value and _is_required(fields[name])]
    inside = [
        mistakes(item, fields[name][0], f"{at}.{name}", fields[name][1], on_the_wire=on_the_wire)
        for name, item in value.items()
        if name in fields
    ]
    return sum(inside, [*unknown, *missing])


def _is_required(field: tuple[Any, Any]) -> bool:
    return get_origin(_resolved(*field)) is not NotRequired


def _resolved(kind: Any, owner: Any) -> Any:
    """The annotation that a text stands for."""
    if isinstance(kind, ForwardRef):
        kind = kind.__forward_arg__
    if not isinstance(kind, str):
        return kind
    module = sys.modules[owner.__module__]
    names = Names({**vars(__import__("typing")), **vars(module), **vars(owner)})
    return eval(kind, {}, names)  # noqa: S307 - an annotation of the library
