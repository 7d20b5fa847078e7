"""Cloudinary, by its own library: private images under authenticated delivery, and links that expire."""

import hashlib
import hmac
import time
from datetime import datetime
from typing import Any

from chalicelib.world import Away, Kept, Refused

TIMEOUT_SECONDS = 12.0
AUTHENTICATED = "authenticated"


class CloudinaryMedia:
    """World's Media. Every option goes with the call: the library's global configuration is not used."""

    def __init__(self, api_url: str, cloud: str, api_key: str, api_secret: str) -> None:
        self._secret = api_secret
        self._options = {
            "cloud_name": cloud,
            "api_key": api_key,
            "api_secret": api_secret,
            "upload_prefix": api_url,
        }

    def keep_private(self, content: bytes, *, public_id: str) -> Kept:
        """Raises Refused for an image Cloudinary won't take, Away for the rest."""
        from cloudinary import uploader
        from cloudinary.exceptions import BadRequest, Error

        try:
            told = uploader.upload(
                content,
                public_id=public_id,
                type=AUTHENTICATED,
                overwrite=True,
                resource_type="image",
                timeout=TIMEOUT_SECONDS,
                timestamp=int(time.time()),
                **self._options,
            )
        except BadRequest as error:
            raise Refused("cloudinary") from error
        except Error as error:
            raise Away("cloudinary") from error
        self._must_be_theirs(told, public_id)
        return Kept(public_id, str(told["format"]), int(told["bytes"]))

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        from cloudinary.utils import private_download_url

        return str(
            private_download_url(
                public_id,
                format_,
                type=AUTHENTICATED,
                expires_at=int(until.timestamp()),
                resource_type="image",
                **self._options,
            )
        )

    def _must_be_theirs(self, told: dict[str, Any], public_id: str) -> None:
        """The answer's own signature, compared in constant time. Raises Away."""
        text = f"public_id={public_id}&version={told.get('version')}{self._secret}"
        right = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(right, str(told.get("signature", ""))):
            raise Away("cloudinary")
