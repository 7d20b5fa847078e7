"""The fuzzer's cases of an operation: boundaries of its schema, random values, and existing values."""

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case as AnyCase
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.coverage._operation import iter_coverage_cases

from tests.fuzz.transport import BASE_URL

Case = AnyCase[Any]
BOTH = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
SOMETIMES = 0.5
"""How often an existing value replaces a generated one."""


def cases(
    operation: Any, known_values: dict[str, list[Any]], draws: random.Random, *, sampled: int, drawn: int
) -> list[Case]:
    """Up to `sampled` boundary cases, and `drawn` random ones of either mode, with known_values values mixed in."""
    collected = list(boundary_cases(operation))
    if len(collected) > sampled:
        collected = draws.sample(collected, sampled)
    for mode in (BOTH if _can_be_wrong(operation) else BOTH[:1]) if drawn else ():
        collected += random_cases(operation, mode, drawn)
    sent = [case for case in collected if not leaves_out_a_value(case) and not sends_number_as_text(case)]
    for case in sent:
        mix_in(case, known_values, draws)
    return sent


def leaves_out_a_value(case: Case) -> bool:
    """Whether a parameter or a form's field counts as left out, which no schema can say: it is blank text.
    The query is read as it is sent: other types may become blank text, and an empty list is not sent at all."""
    url = (
        requests.Request("GET", "http://localhost", params=case.as_transport_kwargs(base_url=BASE_URL)["params"])
        .prepare()
        .url
    )
    query = parse_qsl(urlsplit(url or "").query, keep_blank_values=True)
    if {*(case.query or {})} - {name for name, _ in query}:
        return True
    return any(isinstance(value, str) and not value.strip() for _, value in [*query, *form_parts(case)])


def form_parts(case: Case) -> list[tuple[str, Any]]:
    """The names and values of a form's parts: one for each item of a list. Empty for any other body."""
    if case.media_type not in FORMS or not isinstance(case.body, dict):
        return []
    lists = {name: value if isinstance(value, list) else [value] for name, value in case.body.items()}
    return [(name, part) for name, parts in lists.items() for part in parts]


def sends_number_as_text(case: Case) -> bool:
    """Whether a number, a boolean or null stands in a form's field of text: a form sends it as valid text."""
    parts = form_parts(case)
    if not parts:
        return False
    schema = next(body.definition["schema"] for body in case.operation.body if body.media_type == case.media_type)
    fields = {name: field.get("items", field) for name, field in schema.get("properties", {}).items()}
    return any(
        "string" in fields.get(name, {}).get("type", ()) and isinstance(part, bool | int | float | None)
        for name, part in parts
    )


def boundary_cases(operation: Any) -> Iterator[Case]:
    """Schemathesis's coverage phase: values at, next to and beyond each limit of each parameter and field."""
    config = operation.schema.config.generation
    yield from iter_coverage_cases(
        operation=operation,
        generation_modes=BOTH,
        generate_duplicate_query_parameters=True,
        unexpected_methods=set(),
        generation_config=config,
    )


def random_cases(operation: Any, mode: GenerationMode, count: int) -> list[Case]:
    """Drawn by hypothesis from the run's seed."""
    collected: list[Case] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        collected.append(case)

    collect()
    return collected[:count]


def _can_be_wrong(operation: Any) -> bool:
    """Whether it has inputs other than headers, which accept any text."""
    return bool(operation.body) or any(len(item) for item in (operation.path_parameters, operation.query))


def mix_in(case: Case, known_values: dict[str, list[Any]], draws: random.Random) -> None:
    """Replace valid values of the case by existing ones."""
    for location, name in (
        (ParameterLocation.PATH, "path_parameters"),
        (ParameterLocation.QUERY, "query"),
        (ParameterLocation.BODY, "body"),
    ):
        container = getattr(case, name)
        if isinstance(container, dict) and not (case.meta and case.meta.is_negative_at(location)):
            content = {field: _maybe_known(field, value, known_values, draws) for field, value in container.items()}
            if content != container:
                setattr(case, name, content)


def _maybe_known(field: str, value: Any, known_values: dict[str, list[Any]], draws: random.Random) -> Any:
    return draws.choice(known_values[field]) if field in known_values and draws.random() < SOMETIMES else value
