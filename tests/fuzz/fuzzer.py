"""Sends the cases of an operation in every role, and compares each response with the API document."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from jsonschema import ValidationError  # type: ignore[import-untyped]
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib.edge.public_routes import PUBLIC
from tests.fuzz.cases import Case, cases
from tests.fuzz.population import ANONYMOUS, CUSTOMER, IMPOSTOR, ROLES, SUPER_ADMIN, Population
from tests.fuzz.transport import BASE_URL

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
STRANGERS = (ANONYMOUS, IMPOSTOR)
MAX_MISTAKES = 5


@dataclass
class Fuzzer:
    """One population, restored after every request that changed it."""

    population: Population
    session: requests.Session
    put_back: Callable[[], None]
    sent: Counter[str] = field(default_factory=Counter)
    """Cases by role."""

    def fuzz(self, operation: Any, draws: random.Random, *, sampled: int, drawn: int) -> list[str]:
        """The failures of the operation. Each case is sent in its own role, and each second one also in
        another role, in turn."""
        self.put_back()
        # Rejected logins are counted, and after some of them every login is rejected.
        self.counting = operation.label in PUBLIC
        meant = SUPER_ADMIN if "/api/admin/" in operation.path else CUSTOMER
        others = [role for role in ROLES if role != meant]
        wrong: list[str] = []
        sent_cases = cases(operation, self.population.known_values, draws, sampled=sampled, drawn=drawn)
        for number, case in enumerate(sent_cases):
            wrong += self._wrong(case, meant)
            if number % 2:
                wrong += self._wrong(case, others[number // 2 % len(others)])
        return wrong[:MAX_MISTAKES]

    def _wrong(self, case: Case, role: str) -> list[str]:
        self.sent[role] += 1
        token = self.population.tokens.get(role)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            response = case.call(base_url=BASE_URL, headers=headers, session=self.session, allow_redirects=False)
            case.validate_response(response, checks=CHECKS, headers=headers)
            if role in STRANGERS and case.operation.label not in PUBLIC:
                assert response.status_code == 401, response.status_code
        except (FailureGroup, AssertionError, ValidationError) as failure:
            self.put_back()
            return [f"as {role}: {failure}"]
        if case.method != "GET" and (response.status_code < 300 or self.counting):
            self.put_back()
        return []


def operations_of(document: dict[str, Any]) -> dict[str, Any]:
    """Every operation by `METHOD path`."""
    results: list[Any] = list(schemathesis.openapi.from_dict(document).get_all_operations())
    return {item.label: item for item in (result.ok() for result in results)}
