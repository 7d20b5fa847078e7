"""A simulated Sparrow: stores every message, and answers as the real one does."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from infra.local.companies.sent_messages import SentMessages
from infra.local.simulation import Simulation

TOKEN = "sandbox-sparrow-token"
SENDER = "Bijuli"


class SparrowServer:
    """Served under /sparrow of the sandbox's port."""

    def __init__(self, simulation: Simulation, sandbox_url: str) -> None:
        self._simulation = simulation
        self._url = f"{sandbox_url}/sparrow"
        self.sent = SentMessages()
        self.blueprint = Blueprint("sparrow", __name__, url_prefix="/sparrow")
        self.blueprint.add_url_rule("/v2/sms/", view_func=simulation.calling("sparrow")(self._send), methods=["POST"])

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        return {
            "BIJULI_SPARROW_URL": f"{self._url}/v2/",
            "BIJULI_SPARROW_TOKEN": TOKEN,
            "BIJULI_SPARROW_SENDER": SENDER,
        }

    def messages(self, to: str | None) -> list[dict[str, Any]]:
        """The sent messages, newest first. `to` is a number in any form. All messages when it is None."""
        number = to[-10:] if to else None
        return [item for item in self.sent.newest_first() if number in (None, item["to"][-10:])]

    def _send(self) -> Response:
        content = {name: request.form.get(name, "") for name in ("token", "from", "to", "text")}
        if content["token"] != TOKEN:
            return _rejected(1002, "Invalid Token")
        if content["from"] != SENDER:
            return _rejected(1008, "Invalid Sender")
        if not content["text"]:
            return _rejected(1010, "Text cannot be empty")
        receivers = content["to"].split(",")
        if not all(item.isdigit() and len(item) == 10 for item in receivers):
            return _rejected(1007, "Invalid Receiver")
        at = self._simulation.clock.now().isoformat()
        for item in receivers:
            self.sent.add({"to": f"+977{item}", "text": content["text"], "at": at})
            self._simulation.feed.add("sms", f"+977{item}: {content['text']}", to=f"+977{item}", text=content["text"])
        count = len(receivers)
        text = f"{count} mesages has been queued for delivery"
        return jsonify({"count": count, "response_code": 200, "response": text})


def _rejected(code: int, reason: str) -> Response:
    answer = jsonify({"response_code": code, "response": reason})
    answer.status_code = 403
    return answer
