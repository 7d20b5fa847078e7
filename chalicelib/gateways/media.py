"""Cloudinary: its library signs, our caller sends; private images under authenticated delivery, links that expire."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.gateways.calling import Caller, json_of
from chalicelib.world import Away, Kept, MediaKind, Refused, Unclear

TIMEOUT_SECONDS = (2.0, 12.0)
PUBLIC, AUTHENTICATED = "upload", "authenticated"
FORGOTTEN = frozenset({"ok", "not found"})


class CloudinaryMedia:
    """World's Media. Every option goes with the call: the library's global configuration is not used.

    The library's own uploader follows redirects, which would hand a citizen's papers to another host, and tries
    to connect four times over, which outlasts the request it serves.
    """

    def __init__(
        self,
        api_url: str,
        cloud: str,
        api_key: str,
        api_secret: str,
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._now = now
        self._secret = api_secret
        self._options = {
            "cloud_name": cloud,
            "api_key": api_key,
            "api_secret": api_secret,
            "upload_prefix": api_url,
        }
        self._caller = Caller("cloudinary", timeout_seconds)

    def keep_private(self, content: bytes, *, public_id: str) -> Kept:
        """Raises Refused for an image Cloudinary won't take, Away for the rest: the same again is harmless."""
        asked = {"public_id": public_id, "type": AUTHENTICATED, "overwrite": "true"}
        response = self._post("upload", "image", asked, files={"file": ("file", content)})
        if response.status_code == 400:
            raise Refused("cloudinary")
        told = json_of(response)
        format_, bytes_count = told.get("format"), told.get("bytes")
        if response.status_code != 200 or not self._is_theirs(told, public_id):
            raise Away("cloudinary")
        if not isinstance(format_, str) or type(bytes_count) is not int:
            raise Away("cloudinary")
        return Kept(public_id, format_, bytes_count)

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        from cloudinary.utils import private_download_url

        expires_at = int(until.timestamp())
        return str(
            private_download_url(
                public_id, format_, type=AUTHENTICATED, expires_at=expires_at, resource_type="image", **self._options
            )
        )

    def forget(self, public_id: str, *, kind: MediaKind, private: bool) -> None:
        """Raises Away."""
        type_ = AUTHENTICATED if private else PUBLIC
        response = self._post("destroy", kind, {"public_id": public_id, "type": type_, "invalidate": "true"})
        if response.status_code != 200 or json_of(response).get("result") not in FORGOTTEN:
            raise Away("cloudinary")

    def _post(self, action: str, kind: MediaKind, asked: Mapping[str, str], **content: Any) -> Any:
        """A signed call whose repetition is harmless, so that silence is Away too."""
        from cloudinary.utils import cloudinary_api_url

        url = cloudinary_api_url(action, resource_type=kind, **self._options)
        try:
            return self._caller.call("POST", url, data=self._signed(asked), **content)
        except Unclear as error:
            raise Away("cloudinary") from error

    def _signed(self, asked: Mapping[str, str]) -> dict[str, str]:
        from cloudinary.utils import api_sign_request

        dated = {**asked, "timestamp": str(int(self._now().timestamp()))}
        signature = api_sign_request(dated, self._secret)
        return {**dated, "signature": str(signature), "api_key": str(self._options["api_key"])}

    def _is_theirs(self, told: dict[str, Any], public_id: str) -> bool:
        """The answer's own signature, compared in constant time: the library's check is not."""
        text = f"public_id={public_id}&version={told.get('version')}{self._secret}"
        right = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(right.encode(), str(told.get("signature", "")).encode(errors="replace"))
