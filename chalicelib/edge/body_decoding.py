"""Decodes JSON and forms within limits, and refuses values that can't be stored."""

import codecs
import re
from collections.abc import Container, Iterable
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.nested_json import parse_json
from chalicelib.edge.multipart_form import MAX_FIELDS, MAX_FORM_BYTES, UploadedFile, parse_multipart

MAX_TEXT_BYTES = 256 * 1024
MAX_DEPTH = 20
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
"""The content types of forms."""
UTF_8_CHARSETS = ("", "utf-8", "utf8", "us-ascii", "ascii")
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
"""Control characters but white space, lone surrogates, and U+FFFD, which API Gateway writes for bytes that are
not UTF-8: the text that was meant is lost."""


def parse_body(
    raw: bytes, content_type: str, *, known: Container[str] = (), others_ignored: bool = False
) -> dict[str, Any]:
    """The fields of a body.

    A field of a form is absent if it is sent empty and `known` has its name. With `others_ignored`, fields that
    `known` does not have are dropped unchecked.

    Raises Problem: malformed_body, too_large, unsupported_media_type, invalid_input.
    """
    kind = _kind(content_type)
    is_multipart = kind == MULTIPART
    limit = MAX_FORM_BYTES if is_multipart else MAX_TEXT_BYTES
    if len(raw) > limit:
        raise Problem("too_large", limit_bytes=limit)
    text = raw if is_multipart else raw.removeprefix(codecs.BOM_UTF8)
    if not text.strip() and not is_multipart:
        return {}
    if not _is_utf_8(content_type):
        raise Problem("unsupported_media_type")
    if kind in ("", "application/json"):
        fields = _json(text)
    elif kind == URLENCODED:
        fields = _grouped(_present(_urlencoded(text), known))
    elif is_multipart:
        fields = _grouped(_present(parse_multipart(raw, content_type), known))
    else:
        raise Problem("unsupported_media_type")
    if others_ignored:
        fields = {name: value for name, value in fields.items() if name in known}
    _must_be_storable(fields)
    return fields


def is_form(content_type: str) -> bool:
    """Whether a body of this type is a form: its values are texts and files."""
    return _kind(content_type) in (URLENCODED, MULTIPART)


def _kind(content_type: str) -> str:
    return content_type.split(";", maxsplit=1)[0].strip().lower()


def is_empty(value: str | UploadedFile) -> bool:
    """True for an empty value of a form or a query: white space, or a file without a byte."""
    return not (value.strip() if isinstance(value, str) else value.content)


def _is_utf_8(content_type: str) -> bool:
    """False when a content type names another charset than UTF-8."""
    parameters = (parameter.partition("=") for parameter in content_type.split(";")[1:])
    charsets = [value for name, _, value in parameters if name.strip().lower() == "charset"]
    return all(value.strip().strip("\"'").lower() in UTF_8_CHARSETS for value in charsets)


def _urlencoded(raw: bytes) -> list[tuple[str, Any]]:
    try:
        # Some clients end a form with "&". Parsed strictly, the empty segment behind it would be an error.
        text = "&".join(filter(None, raw.decode("utf-8").split("&")))
        return list(
            parse_qsl(
                text,
                keep_blank_values=True,
                strict_parsing=bool(text),
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        )
    except ValueError as error:
        raise Problem("malformed_body") from error


def _json(raw: bytes) -> dict[str, Any]:
    try:
        # Decimal: a float would change a customer's amount.
        content = parse_json(
            raw.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_reject_constant,
            object_pairs_hook=_reject_duplicate_names,
        )
    except (ValueError, ArithmeticError) as error:
        raise Problem("malformed_body") from error
    if not isinstance(content, dict):
        raise Problem("malformed_body", reason=Reason.NOT_AN_OBJECT)
    return content


def _reject_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's fields. A name that comes twice is an error, since either value may be the one meant."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name twice")
    return fields


def _reject_constant(name: str) -> NoReturn:
    """JSON has no NaN and no Infinity."""
    raise ValueError(name)


def _present(pairs: Iterable[tuple[str, Any]], known: Container[str]) -> list[tuple[str, Any]]:
    """The fields without known ones that were sent empty. An unknown one stays, so that it is refused by its name."""
    return [(name, value) for name, value in pairs if name not in known or not is_empty(value)]


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The values by name; those of a name that comes twice are a list."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def _must_be_storable(fields: dict[str, Any]) -> None:
    """Refuses control characters, lone surrogates, damaged text and deep nesting."""
    for name, value in fields.items():
        if not _is_storable(name, 0) or not _is_storable(value, 0):
            raise Problem("invalid_input", errors={_printable(name): [validation_message("text_unsavable")]})


def _is_storable(value: Any, depth: int) -> bool:
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, str):
        return UNSTORABLE.search(value) is None
    if isinstance(value, dict):
        return all(_is_storable(k, depth) and _is_storable(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return all(_is_storable(item, depth + 1) for item in value)
    return True


def _printable(name: str) -> str:
    return name[:100].encode("ascii", "replace").decode()
