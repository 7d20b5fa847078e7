"""Request bodies of HTML forms."""

from infra.local.seeds.images import citizenship_front

DOCUMENT_NUMBER = "27-01-70-98765"
FORM = "application/x-www-form-urlencoded"


def kyc_form() -> tuple[bytes, str]:
    """A submission as a browser sends it: the bytes and their content type."""
    fields = {
        "document_type": "citizenship",
        "document_number": DOCUMENT_NUMBER,
        "issued_district": "Lalitpur",
        "issued_date": "2074-05-12",
    }
    return form(fields, "document_front", citizenship_front())


def form(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """A multipart form with one file: the bytes and their content type."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{item}\r\n' for key, item in fields.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="f.jpg"\r\n\r\n'
    raw = "".join([*parts, head]).encode() + content + b"\r\n--b--\r\n"
    return raw, "multipart/form-data; boundary=b"
