"""A simulated Cloudinary: signed uploads, private downloads that expire, and nothing anybody can guess."""

import hashlib
from dataclasses import dataclass
from itertools import count
from typing import Any

from flask import Blueprint, Response, jsonify, request

from chalicelib.domain.image import image_format
from infra.local.stage import Stage

CLOUD, API_KEY, API_SECRET = "sandbox", "sandbox-key", "sandbox-cloudinary-secret"
UNSIGNED = frozenset({"file", "api_key", "signature", "resource_type", "cloud_name"})
FORMATS = {"jpeg": "jpg", "png": "png", "webp": "webp"}


@dataclass(frozen=True)
class Stored:
    """One picture."""

    content: bytes
    type: str
    format: str
    version: int


class CloudinaryServer:
    """Served under /cloudinary of the sandbox's port."""

    def __init__(self, stage: Stage, sandbox_url: str) -> None:
        self._stage = stage
        self._url = f"{sandbox_url}/cloudinary"
        self._stored: dict[str, Stored] = {}
        self._versions = count(1)
        self.blueprint = Blueprint("cloudinary", __name__, url_prefix="/cloudinary")
        calling = stage.calling("cloudinary")
        base = f"/v1_1/{CLOUD}/image"
        self.blueprint.post(f"{base}/upload")(calling(self._upload))
        self.blueprint.post(f"{base}/destroy")(calling(self._destroy))
        self.blueprint.get(f"{base}/download")(calling(self._download))

    def environment(self) -> dict[str, str]:
        """What our configuration must be told."""
        return {
            "BIJULI_CLOUDINARY_API_URL": self._url,
            "BIJULI_CLOUDINARY_CLOUD": CLOUD,
            "BIJULI_CLOUDINARY_API_KEY": API_KEY,
            "BIJULI_CLOUDINARY_API_SECRET": API_SECRET,
        }

    def _upload(self) -> Response:
        said = request.form.to_dict()
        if not _signed(said):
            return _refused(401, f"Invalid Signature {said.get('signature')}.")
        file = request.files.get("file")
        content = file.read() if file else b""
        kind = image_format(content)
        if kind is None:
            return _refused(400, "Invalid image file")
        stored = Stored(content, said.get("type", "upload"), FORMATS[kind], next(self._versions))
        public_id = said.get("public_id", hashlib.sha256(content).hexdigest()[:20])
        self._stored[public_id] = stored
        told = {
            "public_id": public_id,
            "version": stored.version,
            "signature": _hash({"public_id": public_id, "version": str(stored.version)}),
            "format": stored.format,
            "resource_type": "image",
            "type": stored.type,
            "bytes": len(content),
            "created_at": self._stage.clock.now().isoformat(),
            "secure_url": f"{self._url}/{CLOUD}/image/{stored.type}/v{stored.version}/{public_id}.{stored.format}",
        }
        return jsonify(told)

    def _destroy(self) -> Response:
        said = request.form.to_dict()
        if not _signed(said):
            return _refused(401, f"Invalid Signature {said.get('signature')}.")
        public_id = said.get("public_id", "")
        stored = self._stored.get(public_id)
        if stored is None or stored.type != said.get("type", "upload"):
            return jsonify({"result": "not found"})
        del self._stored[public_id]
        return jsonify({"result": "ok"})

    def _download(self) -> Response:
        said = request.args.to_dict()
        if not _signed(said):
            return _refused(401, "Invalid Signature")
        if float(said.get("expires_at", 0)) < self._stage.clock.now().timestamp():
            return _refused(401, "Link has expired")
        stored = self._stored.get(said.get("public_id", ""))
        if stored is None or stored.type != said.get("type") or stored.format != said.get("format"):
            return _refused(404, "Resource not found")
        return Response(stored.content, mimetype=f"image/{said['format']}")


def _signed(said: dict[str, Any]) -> bool:
    asked = {name: value for name, value in said.items() if name not in UNSIGNED and value != ""}
    # Since the second version an ampersand inside a value is encoded.
    encoded = {name: value.replace("&", "%26") for name, value in asked.items()}
    return said.get("api_key") == API_KEY and said.get("signature") == _hash(encoded)


def _hash(said: dict[str, str]) -> str:
    text = "&".join(f"{name}={said[name]}" for name in sorted(said))
    return hashlib.sha1((text + API_SECRET).encode(), usedforsecurity=False).hexdigest()


def _refused(status: int, why: str) -> Response:
    answer = jsonify({"error": {"message": why}})
    answer.status_code = status
    return answer
