"""Sign-up and sign-in by e-mail over HTTP, with a mailer that fails on demand."""

import itertools

from infra.local.client import Api, ApiResponse
from infra.local.seeds.seed import ADMIN_EMAIL
from tests.sandbox.conftest import RunningSandbox

_numbers = itertools.count(1)


def newcomer(running_sandbox: RunningSandbox) -> tuple[Api, str, str]:
    """An unused phone number, address and username."""
    number = next(_numbers)
    return Api(running_sandbox.api_url), f"Post{number}@Example.com", f"post{number}"


def request_code(api: Api, identifier: str) -> ApiResponse:
    return api.call("POST", "/api/auth/get-otp", {"identifier": identifier})


def proof(running_sandbox: RunningSandbox, api: Api, identifier: str) -> dict[str, str]:
    """Verify the newest code. Returns its proof."""
    code = running_sandbox.sandbox.code(identifier)
    answer = api.post("/api/auth/verify-otp", {"identifier": identifier, "otp": code})
    return {"identifier": identifier, "verification_token": answer["verification_token"]}


def sign_up(running_sandbox: RunningSandbox) -> tuple[Api, str]:
    api, email, name = newcomer(running_sandbox)
    assert request_code(api, email).status == 200
    order = {**proof(running_sandbox, api, email), "username": name}
    api.token = api.post("/api/auth/register", order, want=201)["tokens"]["access"]
    return api, email


def test_a_customer_signs_up_and_in_by_email(running_sandbox: RunningSandbox) -> None:
    api, email = sign_up(running_sandbox)
    me = api.get("/api/auth/me")
    assert (me["email"], me["phone_number"]) == (email.lower(), None)
    (mail,) = running_sandbox.sandbox.get(f"/emails?to={email}")
    assert (mail["to"], mail["subject"]) == (email.lower(), "Your Bijuli code")
    assert mail["from"].startswith("Bijuli <")
    running_sandbox.sandbox.drain()
    assert api.get("/api/auth/me")["points"]["current"] == 50
    running_sandbox.sandbox.advance(seconds=61)
    assert request_code(api, email).status == 200
    assert api.post("/api/auth/login", proof(running_sandbox, api, email))["user"]["id"] == me["id"]
    assert running_sandbox.books_balance()


def test_a_resend_sends_another_code_after_a_minute(running_sandbox: RunningSandbox) -> None:
    api, email, _ = newcomer(running_sandbox)
    assert request_code(api, email).status == 200
    first = running_sandbox.sandbox.code(email)
    assert request_code(api, email).code == "otp_resend_too_soon"
    running_sandbox.sandbox.advance(seconds=61)
    assert request_code(api, email).status == 200
    second = running_sandbox.sandbox.code(email)
    assert len(running_sandbox.sandbox.get(f"/emails?to={email}")) == 2
    if first != second:
        guess = {"identifier": email, "otp": first}
        assert api.call("POST", "/api/auth/verify-otp", guess).code == "otp_wrong"
    assert api.post("/api/auth/verify-otp", {"identifier": email, "otp": second})["purpose"] == "register"


def test_an_unavailable_mailer_backs_off_alone_and_the_code_is_sent_later(
    running_sandbox: RunningSandbox,
) -> None:
    api, email, _ = newcomer(running_sandbox)
    running_sandbox.sandbox.post("/faults", {"service": "ses", "status": 503, "times": 1})
    assert request_code(api, email).status == 200
    # The queue retries by itself after the failure.
    code = running_sandbox.sandbox.code(email)
    assert {call["status"] for call in running_sandbox.sandbox.get("/calls?service=ses")} >= {503, 200}
    assert api.post("/api/auth/verify-otp", {"identifier": email, "otp": code})["purpose"] == "register"


def test_an_unavailable_mailer_rejects_new_requests(running_sandbox: RunningSandbox) -> None:
    api, email, _ = newcomer(running_sandbox)
    other = newcomer(running_sandbox)[1]
    with running_sandbox.outage("ses"):
        for receiver in (email, newcomer(running_sandbox)[1], newcomer(running_sandbox)[1]):
            assert request_code(api, receiver).status == 200
        answer = until_refused(api, email)
        assert (answer.status, answer.code) == (503, "email_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert request_code(api, other).code == "email_unavailable"
        assert request_code(api, f"+97798630{next(_numbers):05d}").status == 200
    running_sandbox.sandbox.drain()
    running_sandbox.sandbox.advance(minutes=1)
    assert request_code(api, other).status == 200
    assert running_sandbox.sandbox.code(other)


def test_a_full_mailbox_delays_no_other_customer(running_sandbox: RunningSandbox) -> None:
    api, full, _ = newcomer(running_sandbox)
    other = newcomer(running_sandbox)[1]
    order = {"service": "ses", "status": 503, "receiver": full.lower(), "times": 1_000}
    running_sandbox.sandbox.post("/faults", order)
    assert request_code(api, full).status == 200
    assert request_code(api, other).status == 200
    assert running_sandbox.sandbox.code(other)
    assert running_sandbox.sandbox.get(f"/emails?to={full}") == []


def until_refused(api: Api, email: str) -> ApiResponse:
    """The failure is known after the consumer's attempt. Until then a request reports the resend wait only."""
    for _ in range(1000):
        answer = request_code(api, email)
        if answer.code != "otp_resend_too_soon":
            return answer
    raise AssertionError("no request reported that the mailer is unavailable")


def test_an_added_address_signs_in(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    email = newcomer(running_sandbox)[1]
    running_sandbox.sandbox.advance(seconds=61)
    assert request_code(customer.api, email).status == 200
    new = proof(running_sandbox, customer.api, email)["verification_token"]
    assert request_code(customer.api, customer.identifier).status == 200
    known_token = proof(running_sandbox, customer.api, customer.identifier)["verification_token"]
    order = {"email": email, "identifier_token": new, "verification_token": known_token}
    answer = customer.api.call_expecting("PATCH", "/api/user/profile", order).data
    assert (answer["email"], answer["phone_number"]) == (email.lower(), customer.identifier)
    second = customer.api.call("PATCH", "/api/user/profile", {**order, "email": None})
    assert (second.status, second.code) == (422, "verification_token_invalid")
    running_sandbox.sandbox.advance(seconds=61)
    assert request_code(customer.api, email).status == 200
    login = Api(running_sandbox.api_url).post("/api/auth/login", proof(running_sandbox, customer.api, email))
    assert login["user"]["id"] == customer.api.get("/api/auth/me")["id"]


def test_all_devices_are_signed_out_at_once(running_sandbox: RunningSandbox) -> None:
    api, email = sign_up(running_sandbox)
    running_sandbox.sandbox.advance(seconds=61)
    assert request_code(api, email).status == 200
    other = Api(running_sandbox.api_url)
    other.token = other.post("/api/auth/login", proof(running_sandbox, other, email))["tokens"]["access"]
    assert other.call("GET", "/api/auth/me").status == 200
    api.post("/api/auth/logout", {"all_devices": True})
    for device in (api, other):
        assert device.call("GET", "/api/auth/me").code == "session_ended"


def test_strangers_guesses_keep_no_customer_and_no_operator_out(running_sandbox: RunningSandbox) -> None:
    sandbox, email = running_sandbox.sandbox, newcomer(running_sandbox)[1]
    sent = Api(running_sandbox.api_url).post("/api/auth/get-otp", {"identifier": email})
    stranger = sandbox.post("/strangers/codes", {"identifier": email, "times": 7})
    assert stranger["statuses"] == [422] * 7
    guess = {"identifier": email, "otp": sandbox.code(email), "challenge_id": sent["challenge_id"]}
    assert Api(running_sandbox.api_url).post("/api/auth/verify-otp", guess)["purpose"] == "register"
    stranger = sandbox.post("/strangers/passwords", {"email": ADMIN_EMAIL, "times": 6})
    assert stranger["statuses"] == [401] * 5 + [429]
    assert running_sandbox.books_balance()
