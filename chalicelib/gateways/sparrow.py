"""Sparrow SMS v2: decided by its own code, not by the HTTP status alone."""

from chalicelib.gateways.http_client import TIMEOUT_SECONDS, HttpClient, json_of
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

TAKEN = "200"
NEVER = frozenset({"1000", "1007", "1010", "1011"})
"""A receiver or a message that won't do: the same again can't help, and sending on to wrong numbers is fined."""
NEPAL = "+977"


class Sparrow:
    """World's Sms. By POST, so that the token stays out of logs."""

    def __init__(
        self, url: str, token: str, sender: str, timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS
    ) -> None:
        self._url = url
        self._token = token
        self._sender = sender
        self._http = HttpClient("sparrow", timeout_seconds)

    def send(self, to: str, text: str) -> None:
        """Raises Rejected for what will never do, Unavailable for anything that may pass, OutcomeUnknown for
        silence."""
        fields = {"token": self._token, "from": self._sender, "to": to.removeprefix(NEPAL), "text": text}
        response = self._http.request("POST", self._url + "sms/", data=fields)
        code = str(json_of(response).get("response_code", ""))
        if code == TAKEN:
            return
        if code in NEVER:
            raise Rejected(str(code))
        if not code and response.status_code < 400:
            raise OutcomeUnknown("sparrow")
        raise Unavailable(f"sparrow {code or response.status_code}")
