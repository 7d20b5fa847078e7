"""A function whose policy does not allow a call is refused as on AWS."""

from tests.sandbox.conftest import RunningSandbox


def test_a_call_without_its_right_fails_and_works_with_it(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.newcomer()
    fault = {"service": "iam", "code": "AccessDenied", "path": "ApiHandler dynamodb:Query", "times": 1}
    running_sandbox.sandbox.post("/faults", fault)
    assert customer.api.call("GET", "/api/user/transactions").status == 500
    assert customer.api.call("GET", "/api/user/transactions").status == 200


def test_a_message_whose_function_lacked_a_right_comes_again(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    before = customer.wallet()["points"]["current_points"]
    fault = {"service": "iam", "code": "AccessDenied", "path": "AwardPoints dynamodb:BatchGetItem", "times": 1}
    running_sandbox.sandbox.post("/faults", fault)
    customer.top_up("khalti", "500.00")
    assert customer.wallet()["points"]["current_points"] == before + 50
    assert running_sandbox.books_balance()
