"""JSON of strangers: nesting is bounded, and what is in strings does not count."""

import json

import pytest

from chalicelib.domain.text.nested_json import MAX_NESTING, parse_json


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_up_to_the_limit_is_read(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    text = opening * MAX_NESTING + "1" + closing * MAX_NESTING
    assert json.dumps(parse_json(text), separators=(",", ":")) == text
    with pytest.raises(ValueError, match="nested too deep"):
        parse_json(opening + text + closing)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[{" * 50_000])
def test_a_bomb_is_refused_before_it_is_parsed(raw: bytes) -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        parse_json(raw)


def test_brackets_in_strings_are_no_nesting() -> None:
    assert parse_json(json.dumps({"a": "[" * 500, 'b"\\': "{" * 500})) == {"a": "[" * 500, 'b"\\': "{" * 500}


@pytest.mark.parametrize("end", ["", "\\"])
def test_a_string_without_an_end_is_scanned_once(end: str) -> None:
    """Scanned anew from each of its quotes, this text takes minutes."""
    with pytest.raises(json.JSONDecodeError):
        parse_json("[" + "[]," * MAX_NESTING + '"' + '\\"' * 200_000 + end)


def test_a_long_flat_list_is_read() -> None:
    assert parse_json(json.dumps([[n] for n in range(500)])) == [[n] for n in range(500)]


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", "nonsense"])
def test_a_text_that_is_not_json_is_a_value_error(raw: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_json(raw)
