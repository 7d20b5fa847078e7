"""Examples of text fields, by the field's name."""

from typing import Any

TEXTS = {
    "access": "eyJhbGciOi...",
    "access_token": "eyJhbGciOi...",
    "address": "Pulchowk, Lalitpur",
    "closing_time": "23:59",
    "code": "R-3F9K2M7Q",
    "currency": "NPR",
    "date_joined": "2026-11-23T06:00:00Z",
    "description": "For a quick charge",
    "dial_code": "+977",
    "document_number": "27-01-70-01234",
    "document_type": "CITIZENSHIP",
    "email": "sita@example.com",
    "flag": "🇳🇵",
    "full_name": "Sita Gurung",
    "identifier": "+9779841234567",
    "issued_date": "2074-05-12",
    "issued_district": "Lalitpur",
    "landmark": "Ground floor, by the lift",
    "last_rental_date": "2026-11-23T06:00:00Z",
    "latest_version": "1.4.0",
    "member_since": "2026-11-23T06:00:00Z",
    "minimum_version": "1.2.0",
    "name": "Labim Mall",
    "opening_time": "00:00",
    "payment_method": "khalti",
    "payment_model": "prepaid",
    "payment_status": "paid",
    "phone_number": "+9779841234567",
    "powerbank_sn": "40818052",
    "referral_code": "K7MPQ2XZ",
    "refresh": "01M83FTTQ8....1.f3a9...",
    "refresh_token": "01M83FTTQ8....1.f3a9...",
    "sn": "40000444",
    "status": "active",
    "username": "sita_g",
    "verification_token": "eyJhbGciOi...",
}
ID = "01M83FTTQ80000000000000008"
SAYS_ENOUGH = frozenset({"examples", "enum", "const", "default", "format"})


def with_examples(schema: dict[str, Any]) -> dict[str, Any]:
    """An object's schema with an example for each text field whose schema has none and whose format does not explain
    it."""
    fields = schema.get("properties", {})
    return {**schema, **({"properties": {name: _shown(name, of) for name, of in fields.items()}} if fields else {})}


def _shown(name: str, of: dict[str, Any]) -> dict[str, Any]:
    text = of.get("type") in ("string", ["string", "null"])
    example = _text(name) if text and not SAYS_ENOUGH & of.keys() else None
    return of if example is None else {**of, "examples": [example]}


def _text(name: str) -> str | None:
    if name == "id" or name.endswith("_id"):
        return ID
    return TEXTS.get(name)
