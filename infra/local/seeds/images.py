"""Images for the scenario and the tests: small, valid, and showing no person."""

import base64

# A 1x1 JPEG, as any encoder writes one.
_JPEG = (
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////"
    "////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


def citizenship_front() -> bytes:
    """A JPEG that stands for a photograph of a certificate."""
    return base64.b64decode(_JPEG) + b"\xff\xd9"
