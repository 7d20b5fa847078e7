"""Cloudinary: its library signs, our HTTP client sends. Private files have authenticated delivery and links that
expire."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.domain.users.upload import DirectUpload, StoredFile, UploadKind
from chalicelib.gateways.http_client import HttpClient, json_of, retry_after_seconds
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

TIMEOUT_SECONDS = (2.0, 12.0)
RATE_LIMITED = (420, 429)
"""Cloudinary limits its Admin API by the hour, and answers 420 beyond the limit."""
PUBLIC, AUTHENTICATED = "upload", "authenticated"
DELETED = frozenset({"ok", "not found"})
PUBLIC_URL = re.compile(r"/image/upload/(?:v[0-9]{1,12}/)?([A-Za-z0-9_/-]{1,200})\.(?:jpg|jpeg|png|webp)", re.ASCII)
"""The plain path of an image behind the delivery address, without transformation and query."""
STRIP_METADATA = "fl_force_strip"
"""The transformation that encodes a direct image again, without EXIF, XMP and IPTC."""


class CloudinaryMedia:
    """World's Media. Every option goes with the call; the library's global configuration is not used.

    The library's own uploader follows redirects, which would send KYC images to another host. It also tries to
    connect four times, which takes longer than a request may.
    """

    def __init__(
        self,
        api_url: str,
        delivery_url: str,
        *,
        cloud: str,
        api_key: str,
        api_secret: str,
        now: Callable[[], datetime],
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._delivery_url = delivery_url
        self._key, self._secret = api_key, api_secret
        self._now = now
        self._options = {
            "cloud_name": cloud,
            "api_key": api_key,
            "api_secret": api_secret,
            "upload_prefix": api_url,
        }
        self._resources = f"{api_url}/v1_1/{cloud}/resources"
        self._http = HttpClient("cloudinary", timeout_seconds)

    def store(self, content: bytes, *, public_id: str, kind: UploadKind, private: bool) -> StoredFile:
        """Raises Rejected for a file that Cloudinary does not accept, Unavailable for any other failure. Repetition
        is harmless."""
        params = {"public_id": public_id, "type": _type(private), "overwrite": "true"}
        response = self._post("upload", kind, params, files={"file": ("file", content)})
        if response.status_code == 400:
            raise Rejected("cloudinary")
        answer = json_of(response)
        if response.status_code != 200 or not self._is_signed_by_cloudinary(answer, public_id):
            raise Unavailable("cloudinary")
        return _stored_file(answer, public_id)

    def sign(self, public_id: str, *, kind: UploadKind, private: bool, formats: Sequence[str]) -> DirectUpload:
        params = {
            "public_id": public_id,
            "type": _type(private),
            "overwrite": "false",
            "allowed_formats": ",".join(formats),
        }
        if kind == "image":
            params["transformation"] = STRIP_METADATA
        return DirectUpload(self._url("upload", kind), self._signed(params))

    def fetch_file(self, public_id: str, *, kind: UploadKind, private: bool) -> StoredFile | None:
        """Raises Unavailable."""
        url = f"{self._resources}/{kind}/{_type(private)}/{quote(public_id)}"
        try:
            response = self._http.request("GET", url, auth=(self._key, self._secret))
        except OutcomeUnknown as error:
            raise Unavailable("cloudinary") from error
        if response.status_code == 404 and "error" in json_of(response):
            return None
        if response.status_code in RATE_LIMITED:
            raise Unavailable("cloudinary", _seconds_until_reset(response.headers))
        content = json_of(response)
        if response.status_code != 200 or content.get("public_id") != public_id:
            raise Unavailable("cloudinary")
        return _stored_file(content, public_id)

    def link(self, public_id: str, format_: str, *, kind: UploadKind) -> str:
        return f"{self._delivery_url}/{kind}/{PUBLIC}/v1/{public_id}.{format_}"

    def public_id_from_url(self, url: str) -> str | None:
        head, rest = url[: len(self._delivery_url)], url[len(self._delivery_url) :]
        match = PUBLIC_URL.fullmatch(rest)
        return match[1] if match and head == self._delivery_url else None

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        from cloudinary.utils import private_download_url

        options: dict[str, Any] = {**self._options, "resource_type": "image", "type": AUTHENTICATED}
        return str(private_download_url(public_id, format_, expires_at=int(until.timestamp()), **options))

    def delete(self, public_id: str, *, kind: UploadKind, private: bool) -> None:
        """Raises Unavailable."""
        params = {"public_id": public_id, "type": _type(private), "invalidate": "true"}
        response = self._post("destroy", kind, params)
        result = json_of(response).get("result")
        if response.status_code != 200 or not isinstance(result, str) or result not in DELETED:
            raise Unavailable("cloudinary")

    def _post(self, action: str, kind: UploadKind, params: Mapping[str, str], **content: Any) -> Any:
        """Send a signed call. Its repetition is harmless, so that no response is Unavailable too."""
        try:
            return self._http.request("POST", self._url(action, kind), data=self._signed(params), **content)
        except OutcomeUnknown as error:
            raise Unavailable("cloudinary") from error

    def _url(self, action: str, kind: UploadKind) -> str:
        from cloudinary.utils import cloudinary_api_url

        return str(cloudinary_api_url(action, resource_type=kind, **self._options))

    def _signed(self, params: Mapping[str, str]) -> dict[str, str]:
        """The signature. Cloudinary accepts it for an hour."""
        from cloudinary.utils import api_sign_request

        dated = {**params, "timestamp": str(int(self._now().timestamp()))}
        return {**dated, "signature": str(api_sign_request(dated, self._secret)), "api_key": self._key}

    def _is_signed_by_cloudinary(self, answer: Mapping[str, Any], public_id: str) -> bool:
        """Check the signature of the response in constant time, unlike the library."""
        text = f"public_id={public_id}&version={answer.get('version')}{self._secret}"
        expected = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(expected.encode(), str(answer.get("signature", "")).encode(errors="replace"))


def _seconds_until_reset(headers: Mapping[str, str]) -> int:
    """The wait until Cloudinary counts the calls of a new hour. A minute when it does not tell."""
    reset = headers.get("X-FeatureRateLimit-Reset") or headers.get("Retry-After", "")
    return retry_after_seconds({"Retry-After": reset, "Date": headers.get("Date", "")}, 60)


def _type(private: bool) -> str:
    return AUTHENTICATED if private else PUBLIC


def _stored_file(answer: Mapping[str, Any], public_id: str) -> StoredFile:
    """Raises Unavailable for a malformed description."""
    format_, bytes_count = answer.get("format"), answer.get("bytes")
    if not isinstance(format_, str) or type(bytes_count) is not int or bytes_count < 0:
        raise Unavailable("cloudinary")
    return StoredFile(public_id, format_, bytes_count)
