"""A simulated Sparrow: keeps every message, and answers as the real one does."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from infra.local.stage import Stage

TOKEN = "sandbox-sparrow-token"
SENDER = "Bijuli"
KEPT_MESSAGES = 2000


class SparrowServer:
    """Served under /sparrow of the sandbox's port."""

    def __init__(self, stage: Stage, sandbox_url: str) -> None:
        self._stage = stage
        self._url = f"{sandbox_url}/sparrow"
        self._messages: list[dict[str, Any]] = []
        self.blueprint = Blueprint("sparrow", __name__, url_prefix="/sparrow")
        self.blueprint.add_url_rule("/v2/sms/", view_func=stage.calling("sparrow")(self._send), methods=["POST"])

    def environment(self) -> dict[str, str]:
        """What our configuration must be told."""
        return {
            "BIJULI_SPARROW_URL": f"{self._url}/v2/",
            "BIJULI_SPARROW_TOKEN": TOKEN,
            "BIJULI_SPARROW_SENDER": SENDER,
        }

    def messages(self, to: str | None) -> list[dict[str, Any]]:
        """What was sent, newest first; `to` in any form, all when None."""
        wanted = to[-10:] if to else None
        return [one for one in reversed(self._messages) if wanted in (None, one["to"][-10:])]

    def _send(self) -> Response:
        said = {name: request.form.get(name, "") for name in ("token", "from", "to", "text")}
        if said["token"] != TOKEN:
            return _refused(1002, "Invalid Token")
        if said["from"] != SENDER:
            return _refused(1008, "Invalid Sender")
        if not said["text"]:
            return _refused(1010, "Text cannot be empty")
        receivers = said["to"].split(",")
        if not all(one.isdigit() and len(one) == 10 for one in receivers):
            return _refused(1007, "Invalid Receiver")
        at = self._stage.clock.now().isoformat()
        self._messages += [{"to": f"+977{one}", "text": said["text"], "at": at} for one in receivers]
        del self._messages[:-KEPT_MESSAGES]
        count = len(receivers)
        told = f"{count} mesages has been queued for delivery"
        return jsonify({"count": count, "response_code": 200, "response": told})


def _refused(code: int, why: str) -> Response:
    answer = jsonify({"response_code": code, "response": why})
    answer.status_code = 403
    return answer
