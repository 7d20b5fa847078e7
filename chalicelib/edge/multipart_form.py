"""Parses a multipart form within limits: its fields and its files."""

import logging
from dataclasses import dataclass
from typing import Any

from pydantic_core import core_schema

from chalicelib.domain.configuration.settings import UPLOAD_MAX_BYTES
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem

MAX_FORM_BYTES = UPLOAD_MAX_BYTES + 512 * 1024
"""One file of the largest size, and the other fields."""
MAX_FIELDS = 100
# Its messages quote the request, which may hold personal data.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class UploadedFile:
    """A file of a multipart form. The sender chose its name and its content type."""

    name: str
    content_type: str
    content: bytes

    def __str__(self) -> str:
        return f"file of {len(self.content)} bytes"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        del source, handler
        return core_schema.is_instance_schema(cls, cls_repr="file")

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, str]:
        del schema, handler
        return {"type": "string", "format": "binary"}


class _FormReceiver:
    """Receives the fields and files of a multipart form, MAX_FIELDS at most, from the parser."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, Any]] = []
        self.complete = False

    def field(self, field: Any) -> None:
        self._add(field, _text(field.value or b""))

    def file(self, file: Any) -> None:
        file.file_object.seek(0)
        name = _text(file.file_name or b"")
        self._add(file, UploadedFile(name, _type_of(file), file.file_object.read()))

    def end(self) -> None:
        self.complete = True

    def _add(self, part: Any, value: Any) -> None:
        if len(self.pairs) == MAX_FIELDS:
            raise Problem("malformed_body", reason=Reason.TOO_MANY_FIELDS)
        self.pairs.append((_text(part.field_name), value))


def parse_multipart(raw: bytes, content_type: str) -> list[tuple[str, Any]]:
    """The names and values of a form, each a text or an UploadedFile. Raises Problem: malformed_body."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import FormParser, parse_options_header

    form = _FormReceiver()
    try:
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise Problem("malformed_body", reason=Reason.NO_BOUNDARY)
        parser = FormParser(
            "multipart/form-data",
            form.field,
            form.file,
            on_end=form.end,
            boundary=boundary,
            config={"MAX_MEMORY_FILE_SIZE": MAX_FORM_BYTES, "UPLOAD_ERROR_ON_BAD_CTE": True},
        )
        parser.write(raw)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise Problem("malformed_body") from error
    if not form.complete:
        # A broken connection cut the form: it must not count as a form without its last fields.
        raise Problem("malformed_body", reason=Reason.CUT_SHORT)
    return form.pairs


def _type_of(file: Any) -> str:
    content_type = getattr(file, "content_type", None) or b""
    return content_type.decode("latin-1") if isinstance(content_type, bytes) else str(content_type)


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8")
