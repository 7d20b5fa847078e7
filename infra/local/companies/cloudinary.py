"""A simulated Cloudinary: signed uploads, public files, private links that expire, queries, deletion."""

import hashlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

from flask import Blueprint, Response, jsonify, request

from chalicelib.domain.users.file_type import image_format, video_format
from chalicelib.gateways.pillow import PillowImages
from infra.local.simulation import Simulation

CLOUD, API_KEY, API_SECRET = "sandbox", "sandbox-key", "sandbox-cloudinary-secret"
UNSIGNED = frozenset({"file", "api_key", "signature", "resource_type", "cloud_name"})
FORMATS = {"jpeg": "jpg", "png": "png", "webp": "webp"}
KINDS = ("image", "video")
SIGNED_SECONDS = 3600
STRIP = "fl_force_strip"
MAX_PIXELS = 50_000_000
ADMIN_CALLS_PER_HOUR = 500
"""The limit of the Admin API on the free plan."""
MediaAddress = tuple[str, str, str]
"""Resource type, delivery type and public id, which together identify a file."""


@dataclass(frozen=True)
class StoredMedia:
    """One file."""

    content: bytes
    format: str
    version: int


class CloudinaryServer:
    """Served under /cloudinary of the sandbox's port."""

    def __init__(self, simulation: Simulation, sandbox_url: str) -> None:
        self._simulation = simulation
        self._url = f"{sandbox_url}/cloudinary"
        self._stored: dict[MediaAddress, StoredMedia] = {}
        self._versions = count(1)
        self._admin_calls: Counter[datetime] = Counter()
        self.admin_calls_per_hour = ADMIN_CALLS_PER_HOUR
        self.blueprint = Blueprint("cloudinary", __name__, url_prefix="/cloudinary")
        calling = simulation.calling(
            "cloudinary", lambda fault: _rejected(fault.status or 500, fault.code or "General Error")
        )
        base = f"/v1_1/{CLOUD}"
        kind = f"<any({', '.join(KINDS)}):kind>"
        self.blueprint.post(f"{base}/{kind}/upload")(calling(self._upload))
        self.blueprint.post(f"{base}/{kind}/destroy")(calling(self._destroy))
        self.blueprint.get(f"{base}/{kind}/download")(calling(self._download))
        self.blueprint.get(f"{base}/resources/{kind}/<type_>/<path:public_id>")(calling(self._resource))
        # Files come from the delivery network, which is available when the API is not.
        self.blueprint.get(f"/{CLOUD}/{kind}/<type_>/<path:rest>")(self._deliver)

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        return {
            "BIJULI_CLOUDINARY_API_URL": self._url,
            "BIJULI_CLOUDINARY_DELIVERY_URL": f"{self._url}/{CLOUD}",
            "BIJULI_CLOUDINARY_CLOUD": CLOUD,
            "BIJULI_CLOUDINARY_API_KEY": API_KEY,
            "BIJULI_CLOUDINARY_API_SECRET": API_SECRET,
        }

    def stored(self, beginning: str | None) -> list[dict[str, Any]]:
        """The stored files, all or those whose public id has the prefix."""
        return [
            {"public_id": place[2], "type": place[1], "resource_type": place[0], "bytes": len(stored.content)}
            for place, stored in self._stored.copy().items()
            if place[2].startswith(beginning or "")
        ]

    def state(self) -> dict[str, Any]:
        files = [
            {
                "place": place,
                "content": b64encode(file.content).decode(),
                "format": file.format,
                "version": file.version,
            }
            for place, file in self._stored.copy().items()
        ]
        calls = {hour.isoformat(): number for hour, number in self._admin_calls.copy().items()}
        return {"files": files, "admin_calls": calls}

    def prepare(self, state: Any) -> Callable[[], None]:
        files: dict[MediaAddress, StoredMedia] = {}
        for file in state["files"]:
            kind, type_, public_id = file["place"]
            stored = StoredMedia(b64decode(file["content"]), file["format"], int(file["version"]))
            files[kind, type_, public_id] = stored
        calls = Counter({datetime.fromisoformat(hour): int(number) for hour, number in state["admin_calls"].items()})
        newest = max((file.version for file in files.values()), default=0)

        def apply() -> None:
            self._stored, self._admin_calls = files, calls
            # a version is part of an address, which a browser may have kept
            self._versions = count(max(newest, next(self._versions)) + 1)

        return apply

    def _upload(self, kind: str) -> Response:
        payload = request.form.to_dict()
        why = self._not_signed(payload)
        if why is not None:
            return why
        file = request.files.get("file")
        content = file.read() if file else b""
        format_ = _format(kind, content)
        if format_ is None:
            return _rejected(400, f"Invalid {kind} file")
        if payload.get("allowed_formats") and format_ not in payload["allowed_formats"].split(","):
            return _rejected(400, f"{kind.capitalize()} file format {format_} not allowed")
        if kind == "image" and payload.get("transformation") == STRIP:
            content = PillowImages().clean(content, max_pixels=MAX_PIXELS).content
        public_id = payload.get("public_id", hashlib.sha256(content).hexdigest()[:20])
        place = (kind, payload.get("type", "upload"), public_id)
        if payload.get("overwrite") == "false" and place in self._stored:
            return jsonify(self._description(place) | {"existing": True})
        self._stored[place] = StoredMedia(content, format_, next(self._versions))
        return jsonify(self._description(place))

    def _destroy(self, kind: str) -> Response:
        content = request.form.to_dict()
        why = self._not_signed(content)
        if why is not None:
            return why
        stored_file = self._stored.pop((kind, content.get("type", "upload"), content.get("public_id", "")), None)
        return jsonify({"result": "not found" if stored_file is None else "ok"})

    def _download(self, kind: str) -> Response:
        content = request.args.to_dict()
        if not _signed(content):
            return _rejected(401, "Invalid Signature")
        if float(content.get("expires_at", 0)) < self._simulation.clock.now().timestamp():
            return _rejected(401, "Link has expired")
        stored = self._stored.get((kind, content.get("type", "upload"), content.get("public_id", "")))
        if stored is None or stored.format != content.get("format"):
            return _rejected(404, "Resource not found")
        return Response(stored.content, mimetype=f"{kind}/{stored.format}")

    def _resource(self, kind: str, type_: str, public_id: str) -> Response:
        over = self._over_the_limit()
        if over is not None:
            return over
        who = request.authorization
        if who is None or (who.username, who.password) != (API_KEY, API_SECRET):
            return _rejected(401, "Invalid credentials")
        place = (kind, type_, public_id)
        if place not in self._stored:
            return _rejected(404, f"Resource not found - {public_id}")
        return jsonify(self._description(place))

    def _over_the_limit(self) -> Response | None:
        """The refusal of a call to the Admin API beyond the hour's limit. None within the limit."""
        now = self._simulation.clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        self._admin_calls[hour] += 1
        if self._admin_calls[hour] <= self.admin_calls_per_hour:
            return None
        resets_at = (hour + timedelta(hours=1)).isoformat()
        answer = _rejected(
            420,
            f"Rate Limit Exceeded. Limit of {ADMIN_CALLS_PER_HOUR} api operations reached. Try again at {resets_at}",
        )
        answer.headers["X-FeatureRateLimit-Limit"] = str(ADMIN_CALLS_PER_HOUR)
        answer.headers["X-FeatureRateLimit-Remaining"] = "0"
        answer.headers["X-FeatureRateLimit-Reset"] = format_datetime(hour + timedelta(hours=1), usegmt=True)
        return answer

    def _deliver(self, kind: str, type_: str, rest: str) -> Response:
        if type_ != "upload":
            return _rejected(401, "deny or ACL failure")
        version, _, behind = rest.partition("/")
        public_id, _, format_ = (behind if version[:1] == "v" and version[1:].isdigit() else rest).rpartition(".")
        stored = self._stored.get((kind, type_, public_id))
        if stored is None or stored.format != format_:
            return _rejected(404, f"Resource not found - {public_id}")
        return Response(stored.content, mimetype=f"{kind}/{stored.format}")

    def _not_signed(self, params: dict[str, str]) -> Response | None:
        """Why the signature is invalid, or None."""
        if not _signed(params):
            return _rejected(401, f"Invalid Signature {params.get('signature')}.")
        age = self._simulation.clock.now().timestamp() - float(params.get("timestamp", 0))
        if age > SIGNED_SECONDS:
            return _rejected(400, "Stale request - reported time is more than 1 hour ago")
        return None

    def _description(self, place: MediaAddress) -> dict[str, Any]:
        kind, type_, public_id = place
        stored = self._stored[place]
        return {
            "public_id": public_id,
            "version": stored.version,
            "signature": _hash({"public_id": public_id, "version": str(stored.version)}),
            "format": stored.format,
            "resource_type": kind,
            "type": type_,
            "bytes": len(stored.content),
            "created_at": self._simulation.clock.now().isoformat(),
            "secure_url": f"{self._url}/{CLOUD}/{kind}/{type_}/v{stored.version}/{public_id}.{stored.format}",
        }


def _format(kind: str, content: bytes) -> str | None:
    if kind == "video":
        return video_format(content)
    format_name = image_format(content)
    return FORMATS[format_name] if format_name else None


def _signed(params: dict[str, Any]) -> bool:
    content = {name: value for name, value in params.items() if name not in UNSIGNED and value != ""}
    # Since the second version an ampersand inside a value is encoded.
    encoded = {name: value.replace("&", "%26") for name, value in content.items()}
    return params.get("api_key") == API_KEY and params.get("signature") == _hash(encoded)


def _hash(params: dict[str, str]) -> str:
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return hashlib.sha1((text + API_SECRET).encode(), usedforsecurity=False).hexdigest()


def _rejected(status: int, reason: str) -> Response:
    answer = jsonify({"error": {"message": reason}})
    answer.status_code = status
    return answer
