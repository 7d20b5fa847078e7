"""Functions as Lambda calls them: events that are no requests or batches, and requests that lack parts."""

import json
from typing import Any

import pytest

from app import app
from functions import consumers
from infra.local.aws.lambdas import consumers as queue_functions
from infra.local.aws.lambdas import schedules
from tests.world.network import Network
from tests.world.real_tables import all_rows

HEALTH = {"resourcePath": "/api/app/health", "httpMethod": "GET"}
STATION = {"resourcePath": "/api/app/stations/{sn}", "httpMethod": "GET"}
NO_REQUESTS: dict[str, Any] = {
    "nothing": None,
    "an empty object": {},
    "an empty list": [],
    "text": "ping",
    "a number": 7,
    "a warm-up ping": {"source": "serverless-plugin-warmup"},
    "a schedule": {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}, "resources": []},
    "a queue's batch": {"Records": [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs"}]},
    "a request of an HTTP API": {"version": "2.0", "rawPath": "/api/app/health", "requestContext": {"http": {}}},
    "no context": {"requestContext": None, "path": "/api/app/health"},
    "a context of another kind": {"requestContext": [HEALTH]},
    "no method": {"requestContext": {"resourcePath": "/api/app/health"}},
    "a method of another kind": {"requestContext": {"resourcePath": "/api/app/health", "httpMethod": 1}},
    "no resource": {"requestContext": {"httpMethod": "GET"}},
    "an unknown resource": {"requestContext": {"resourcePath": "/api/nowhere", "httpMethod": "GET"}},
    "a resource of another kind": {"requestContext": {"resourcePath": ["/api/app/health"], "httpMethod": "GET"}},
    "an identity of another kind": {"requestContext": HEALTH | {"identity": "192.0.2.7"}},
    "no path parameters": {"requestContext": STATION},
    "other path parameters": {"requestContext": STATION, "pathParameters": {"id": "40000444"}},
    "headers of another kind": {"requestContext": HEALTH, "headers": ["Accept"]},
    "a query of another kind": {"requestContext": HEALTH, "multiValueQueryStringParameters": {"limit": 5}},
    "a body of another kind": {"requestContext": HEALTH, "body": {"a": 1}},
}


@pytest.mark.parametrize("kind", NO_REQUESTS)
def test_an_event_that_is_no_request_gets_a_response(kind: str, network: Network) -> None:
    before = all_rows()
    response = app(NO_REQUESTS[kind], None)
    assert (response["statusCode"], json.loads(response["body"])["error"]["code"]) == (404, "not_found")
    assert all_rows() == before


def test_a_request_without_optional_parts_is_answered(network: Network) -> None:
    response = app({"requestContext": HEALTH}, None)
    assert (response["statusCode"], json.loads(response["body"])["data"]["status"]) == (200, "ok")


def test_a_request_with_an_unknown_method_is_405(network: Network) -> None:
    assert app({"requestContext": HEALTH | {"httpMethod": "BREW"}}, None)["statusCode"] == 405


def test_a_body_that_is_no_base64_is_malformed(network: Network) -> None:
    login = {"resourcePath": "/api/admin/login", "httpMethod": "POST"}
    response = app({"requestContext": login, "body": "A", "isBase64Encoded": True}, None)
    assert (response["statusCode"], json.loads(response["body"])["error"]["code"]) == (400, "malformed_body")


@pytest.mark.parametrize("kind", sorted(NO_REQUESTS.keys() - {"a queue's batch"}))
def test_no_function_raises_for_a_foreign_event(kind: str, network: Network) -> None:
    """Every function of the template, and the one that answers all requests."""
    before, event = all_rows(), NO_REQUESTS[kind]
    results = {item.name: item.handler(event, None) for item in queue_functions(app)}
    assert results == {name: {"batchItemFailures": []} for name in results}
    results |= {item.name: item.handler(event, None) for item in schedules(app)}
    assert {results[item.name] for item in schedules(app)} == {None}
    assert results.keys() == {source.name for source in app.event_sources}
    assert app(event, None)["statusCode"] == 404
    assert all_rows() == before


@pytest.mark.parametrize(
    "event", [None, {}, [], "ping", {"source": "warmup"}, {"Records": [{"eventSource": "aws:s3"}]}]
)
def test_an_event_without_messages_is_an_empty_batch(event: Any, network: Network) -> None:
    before = all_rows()
    for consumer in queue_functions(app):
        assert consumer.handler(event, None) == {"batchItemFailures": []}
    assert all_rows() == before


def test_a_message_without_a_body_comes_again(network: Network) -> None:
    event = {"Records": [{"messageId": "1"}, {"messageId": "2", "body": None}]}
    failures = consumers.award_points(event, None)["batchItemFailures"]
    assert failures == [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]
