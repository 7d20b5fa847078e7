"""Examples for the API document, made of the schemas themselves, so that they can't fall behind."""

from typing import Any

MONEY = frozenset(
    {
        "amount",
        "amount_paid",
        "balance",
        "balance_after",
        "closing_balance",
        "due",
        "due_amount",
        "held",
        "late_fee",
        "max_amount",
        "min_amount",
        "new_balance",
        "opening_balance",
        "points_amount",
        "points_value",
        "price",
        "shortfall",
        "suggested_topup",
        "total",
        "total_amount",
        "total_in",
        "total_out",
        "wallet",
        "wallet_amount",
    }
)
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
FORMATS = {"date": "1998-02-14", "date-time": "2026-11-23T06:00:00Z", "binary": "(a file)"}
ID = "01M83FTTQ80000000000000008"


def example(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Any:
    """A value the schema allows: its own example or default, else one that suits the field's name."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    for kept in ("examples", "enum"):
        if schema.get(kept):
            return schema[kept][0]
    for kept in ("const", "default"):
        if kept in schema:
            return schema[kept]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], schemas, name)
    return _suiting(schema, schemas, name)


def _suiting(schema: dict[str, Any], schemas: dict[str, Any], name: str) -> Any:
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {field: example(of, schemas, field) for field, of in schema["properties"].items()}
        case "object":
            return {}
        case "array":
            return [example(schema["items"], schemas, name)]
        case "string":
            return FORMATS.get(schema.get("format", "")) or _text(name)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return None


def _text(name: str) -> str:
    if name in MONEY:
        return "120.00"
    if name.endswith("_at"):
        return "2026-11-23T06:00:00Z"
    if name == "id" or name.endswith("_id"):
        return ID
    if name.endswith("_url"):
        return "https://example.com/"
    return TEXTS.get(name, name or "text")
