"""Sparrow SMS v2. Its response code decides, not the HTTP status alone."""

from chalicelib.gateways.http_client import TIMEOUT_SECONDS, HttpClient, json_of
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

ACCEPTED = "200"
PERMANENT_REFUSALS = frozenset({"1000", "1007", "1010", "1011"})
"""Codes for a receiver or a text that can never be sent. The provider fines repeated sends to wrong numbers."""
NEPAL = "+977"


class Sparrow:
    """World's Sms. It sends by POST, so that the token stays out of logs."""

    def __init__(
        self, url: str, token: str, sender: str, timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS
    ) -> None:
        self._url = url
        self._token = token
        self._sender = sender
        self._http = HttpClient("sparrow", timeout_seconds)

    def send(self, to: str, text: str) -> None:
        """Raises Rejected for a message that can never be sent, Unavailable for a temporary failure, OutcomeUnknown
        for no response."""
        fields = {"token": self._token, "from": self._sender, "to": to.removeprefix(NEPAL), "text": text}
        response = self._http.request("POST", self._url + "sms/", data=fields)
        code, is_error = _code_of(json_of(response).get("response_code")), response.status_code >= 400
        if code == ACCEPTED and not is_error:
            return
        if code in PERMANENT_REFUSALS:
            raise Rejected(code)
        if code == ACCEPTED or (not code and not is_error):
            raise OutcomeUnknown("sparrow")
        raise Unavailable(f"sparrow {code or response.status_code}")


def _code_of(value: object) -> str:
    """The response code, which Sparrow sends as a number or as its text. Empty for any other value."""
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and text.isascii() and text.isdecimal() else ""
