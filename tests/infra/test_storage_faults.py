"""Faults of DynamoDB that the sandbox makes."""

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.hooks import first_non_none_response

from chalicelib.tables.dynamodb import TRIES_OF_A_CALL, shared_connection
from infra.local.aws.storage_faults import ON_DEMAND, StorageFaults
from infra.local.simulation import Simulation


@pytest.mark.parametrize(("attempts", "pause_seconds"), [(1, 0.0), (2, 0.0), (TRIES_OF_A_CALL, None)])
def test_an_attempt_throttled_on_demand_is_repeated_at_the_sandboxs_pace(
    attempts: int, pause_seconds: float | None, tables: object
) -> None:
    client = shared_connection().client
    error = {"Error": {"Code": "ThrottlingException", "Message": ON_DEMAND}}
    faults = StorageFaults(Simulation(pace=0))
    faults.start()
    try:
        answers = client.meta.events.emit(
            "needs-retry.dynamodb.GetItem",
            response=(AWSResponse("", 400, HTTPHeaders(), None), error),
            operation=client.meta.service_model.operation_model("GetItem"),
            attempts=attempts,
            caught_exception=None,
            request_dict={"context": {}},
        )
    finally:
        faults.stop()
    assert first_non_none_response(answers) == pause_seconds
