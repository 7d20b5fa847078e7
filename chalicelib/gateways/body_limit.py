"""Limits how much of a response is read, so that no company's answer fills the memory of the process."""

from http.client import HTTPException, HTTPResponse

MAX_BODY_BYTES = 2 * 1024 * 1024
"""Twice the longest answer of a company: a page of 100 payments of Stripe."""
MAX_QUEUE_BODY_BYTES = 8 * 1024 * 1024
"""Several times a batch of 16 messages of 64 kB, encoded as base64 inside XML."""


class LimitedResponse(HTTPResponse):
    """A response of the standard library. Reading one of more than MAX_QUEUE_BODY_BYTES raises HTTPException."""

    def read(self, amt: int | None = None) -> bytes:
        if amt is not None:
            return super().read(amt)
        body = super().read(MAX_QUEUE_BODY_BYTES + 1)
        if len(body) > MAX_QUEUE_BODY_BYTES:
            self.close()
            raise HTTPException("response too long")
        return body
