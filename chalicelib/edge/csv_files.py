"""CSV files: a list or an analytics report, made of the same data as its JSON, or any rows."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from chalicelib.domain.text.digits import number_text
from chalicelib.edge.models import CsvQuery, ReportData
from chalicelib.edge.responses import CsvFile, Response

Column = tuple[str, ...]
"""The names of the fields that lead to a value: `("user", "id")`."""
FORMULA_PREFIXES = (*"=+-@\t\r\n", *"＝＋－＠")
"""A spreadsheet reads a cell that begins with one of these as a formula: some read the full-width forms too."""
NEGATIVE_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?")


def wants_file(query: object) -> bool:
    return isinstance(query, CsvQuery) and query.wants_file


def as_csv(response: Response, name: str) -> Response:
    """The response with its list as the file `name`.csv. Raises ValueError for data without a list of models.

    A nested field has the column `user.id`; a list has one cell, as JSON. The header row stands there without rows
    too. A report may have a last row: `total`, and the sums of the columns that can be added up.
    """
    data = response.data
    field, item = _rows_of(type(data))
    columns = [*_columns(item)]
    rows = [row.model_dump(mode="json") for row in ([data] if field is None else getattr(data, field))]
    cells = [_cells(row, columns) for row in rows]
    if isinstance(data, ReportData) and data.csv_summed_columns:
        cells.append(["total", *_cells(_sums(rows, data.csv_summed_columns), columns[1:])])
    file = csv_file(name, [".".join(column) for column in columns], cells)
    return replace(file, next_cursor=getattr(data, "next_cursor", None))


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """The file `name`.csv: RFC 4180 with a header row. Cells that look like formulas are quoted."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([f"'{cell}" if _is_formula(cell) else cell for cell in row] for row in rows)
    return Response(200, csv_file=CsvFile(f"{name}.csv", output.getvalue()))


def _is_formula(cell: str) -> bool:
    """A negative amount is none: as a text it would be missing in the sums of a spreadsheet."""
    return cell.startswith(FORMULA_PREFIXES) and NEGATIVE_NUMBER.fullmatch(cell) is None


def _rows_of(model: type[BaseModel]) -> tuple[str | None, type[BaseModel]]:
    """The field with the rows, and their model. No field: the model is the only row."""
    names = [*model.model_fields]
    if issubclass(model, ReportData):
        if model.csv_rows_field is None:
            return None, model
        names = [model.csv_rows_field]
    for name in names:
        annotation = model.model_fields[name].annotation
        item = next(iter(get_args(annotation)), None)
        is_list = get_origin(annotation) is list
        if is_list and isinstance(item, type) and issubclass(item, BaseModel):
            return name, item
    raise ValueError(f"{model.__name__} has no list")


def _sums(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, float]:
    """Sums with two decimals, as amounts in rupees have."""
    return {name: round(sum(row[name] for row in rows), 2) for name in names}


def _columns(model: type[BaseModel], *before: str) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        nested = _model_in(field.annotation)
        if nested is None:
            yield (*before, name)
        else:
            yield from _columns(nested, *before, name)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a field that holds one, or one or null."""
    candidates = [annotation, *(get_args(annotation) if get_origin(annotation) is not list else ())]
    return next((kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _cells(row: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    return [_text(_value(row, column)) for column in columns]


def _value(row: Mapping[str, Any], column: Column) -> Any:
    value: Any = row
    for name in column:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
