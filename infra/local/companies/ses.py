"""A simulated Amazon SES, version 2: checks signature and sender, and stores every mail."""

import hmac
import json
import secrets
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from flask import Blueprint, Response, request

from infra.local.aws.aws_account import REGION
from infra.local.companies.sent_messages import SentMessages
from infra.local.simulation import Simulation

DOMAIN = "bijuli.example"
"""The identity that SES verified."""
SENDER = f"Bijuli <no-reply@{DOMAIN}>"
KEY = "sandbox"
"""The access key's id and its secret, as `infra/local/aws/cloud.py` sets them."""
MAX_RECEIVERS = 50
SendRequest = dict[str, Any]


class SesError(Exception):
    """A request that SES rejects: HTTP status, code and message."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(code)


class SesServer:
    """Served under /ses of the sandbox's port."""

    def __init__(self, simulation: Simulation, sandbox_url: str) -> None:
        self._simulation = simulation
        self._url = f"{sandbox_url}/ses"
        self.sent = SentMessages()
        self.blueprint = Blueprint("ses", __name__, url_prefix="/ses")
        view = simulation.calling("ses")(self._send)
        self.blueprint.add_url_rule("/v2/email/outbound-emails", view_func=view, methods=["POST"])

    def environment(self) -> dict[str, str]:
        """Settings of botocore and of the service."""
        return {"AWS_ENDPOINT_URL_SESV2": self._url, "BIJULI_MAIL_SENDER": SENDER}

    def emails(self, to: str | None) -> list[dict[str, Any]]:
        """The sent mails, newest first. All mails when `to` is None."""
        address = to.lower() if to else None
        return [item for item in self.sent.newest_first() if address in (None, item["to"].lower())]

    def _send(self) -> Response:
        try:
            _must_be_signed()
            return self._accept(_order())
        except SesError as wrong:
            answer = _json({"message": wrong.text}, wrong.status)
            answer.headers["x-amzn-ErrorType"] = wrong.code
            return answer

    def _accept(self, content: SendRequest) -> Response:
        if content.get("FromEmailAddress") != SENDER:
            sender = content.get("FromEmailAddress")
            text = f"Email address is not verified. The following identities failed the check in region {REGION}: "
            raise SesError(400, "MessageRejected", f"{text}{sender}")
        receivers = (content.get("Destination") or {}).get("ToAddresses") or []
        if not 0 < len(receivers) <= MAX_RECEIVERS:
            raise SesError(400, "BadRequestException", "Recipient count is out of range.")
        if not all(_is_valid_receiver(item) for item in receivers):
            raise SesError(400, "BadRequestException", "Illegal address")
        subject, text = _subject_and_text(content)
        at = self._simulation.clock.now().isoformat()
        for item in receivers:
            self.sent.add({"to": item, "from": SENDER, "subject": subject, "text": text, "at": at})
            self._simulation.feed.add("mail", f"{item}: {subject}", to=item, subject=subject, text=text)
        return _json({"MessageId": f"{secrets.token_hex(8)}-{secrets.token_hex(4)}-000000"}, 200)


def _order() -> SendRequest:
    content = request.get_json(force=True, silent=True)
    if not isinstance(content, dict):
        raise SesError(400, "SerializationException", "Could not parse the request.")
    return content


def _subject_and_text(content: SendRequest) -> tuple[str, str]:
    """Subject and text, the only content that this SES accepts."""
    try:
        simple = content["Content"]["Simple"]
        return str(simple["Subject"]["Data"]), str(simple["Body"]["Text"]["Data"])
    except (KeyError, TypeError) as error:
        raise SesError(400, "BadRequestException", "Missing required content.") from error


def _is_valid_receiver(receiver: Any) -> bool:
    """Whether the receiver is ASCII, and one mailbox at one domain."""
    name, _, domain = receiver.partition("@") if isinstance(receiver, str) else ("", "", "")
    return bool(name) and "." in domain and "@" not in domain and receiver.isascii() and " " not in receiver


def _must_be_signed() -> None:
    """Check signature version 4 over method, URL, signed headers and body. Raises SesError."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        raise SesError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    content = dict(part.strip().partition("=")[::2] for part in value.split(","))
    copy = AWSRequest(request.method, request.base_url, data=request.get_data())
    for name in content.get("SignedHeaders", "").split(";"):
        copy.headers[name] = request.headers.get(name, "")
    copy.context["timestamp"] = request.headers.get("X-Amz-Date", "")
    signer = SigV4Auth(Credentials(KEY, KEY), "ses", REGION)
    if content.get("Credential") != signer.scope(copy):
        raise SesError(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
    text = signer.string_to_sign(copy, signer.canonical_request(copy))
    if not hmac.compare_digest(signer.signature(text, copy).encode(), content.get("Signature", "").encode()):
        raise SesError(403, "InvalidSignatureException", "The request signature we calculated does not match.")


def _json(content: SendRequest, status: int) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
