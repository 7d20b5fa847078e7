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
from schemathesis.config import SchemathesisConfig
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
REJECTIONS = ["400", "401", "403", "404", "409", "413", "415", "422", "428", "429"]
"""What invalid input may be answered with. 413: a body can be too long and invalid."""
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
        meant = SUPER_ADMIN if "/api/admin/" in operation.path else CUSTOMER
        others = [role for role in ROLES if role != meant]
        wrong: list[str] = []
        sent_cases = cases(operation, self.population.known_values, draws, sampled=sampled, drawn=drawn)
        for number, case in enumerate(sent_cases):
            wrong += self.failures(case, meant)
            if number % 2:
                wrong += self.failures(case, others[number // 2 % len(others)])
        return wrong[:MAX_MISTAKES]

    def failures(self, case: Case, role: str) -> list[str]:
        """What is wrong with the response to the case in this role."""
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
        # Rejected logins are counted, and after some of them every login is rejected.
        counts_rejections = case.operation.label in PUBLIC
        if case.method != "GET" and (response.status_code < 300 or counts_rejections):
            self.put_back()
        return []


def operations_of(document: dict[str, Any]) -> dict[str, Any]:
    """Every operation by `METHOD path`."""
    config = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REJECTIONS}}})
    results: list[Any] = list(schemathesis.openapi.from_dict(document, config=config).get_all_operations())
    return {item.label: item for item in (result.ok() for result in results)}
