"""The reference under which a top-up intent is ordered at a payment gateway."""


def order_reference(intent_id: str) -> str:
    """Each intent is ordered once, under its id and the number 1."""
    return f"{intent_id}-1"


def intent_id_of(reference: str) -> str | None:
    """The intent that an order reference names. None for a text that is no order reference."""
    return reference.rpartition("-")[0] or None
