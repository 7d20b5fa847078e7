"""The id by which people name a posting."""


def transaction_id(user_id: str, seq: int) -> str:
    """A posting as people name it."""
    return f"{user_id}-{seq}"


def parse_transaction_id(text: str) -> tuple[str, int] | None:
    """Whose posting a transaction's id would name, and which; None for what is no such id."""
    owner, _, number = text.rpartition("-")
    if not owner or not (number.isascii() and number.isdecimal()) or number[0] == "0" or len(number) > 15:
        return None
    return owner, int(number)


def seq_of(user_id: str, text: str) -> int | None:
    """The number of the user's own posting; None for another's, and for what names none."""
    parsed = parse_transaction_id(text)
    return parsed[1] if parsed is not None and parsed[0] == user_id else None
