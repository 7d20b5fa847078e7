"""The transaction id: the name of a posting in the API."""


def transaction_id(user_id: str, seq: int) -> str:
    """The id of posting `seq` of the user."""
    return f"{user_id}-{seq}"


def parse_transaction_id(text: str) -> tuple[str, int] | None:
    """The user and the number of the posting. None for a text that is no transaction id."""
    owner, _, number = text.rpartition("-")
    if not owner or not (number.isascii() and number.isdecimal()) or number[0] == "0" or len(number) > 15:
        return None
    return owner, int(number)


def seq_of(user_id: str, text: str) -> int | None:
    """The number of the user's own posting. None for another user's id, and for a text that is no transaction id."""
    parsed = parse_transaction_id(text)
    return parsed[1] if parsed is not None and parsed[0] == user_id else None
