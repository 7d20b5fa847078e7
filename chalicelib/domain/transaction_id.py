"""The id by which people name a posting."""


def transaction_id(user_id: str, seq: int) -> str:
    """A posting as people name it."""
    return f"{user_id}-{seq}"


def named(said: str) -> tuple[str, int] | None:
    """Whose posting a transaction's id would name, and which; None for what is no such id."""
    owner, _, number = said.rpartition("-")
    if not owner or not (number.isascii() and number.isdecimal()) or number[0] == "0" or len(number) > 15:
        return None
    return owner, int(number)


def seq_of(user_id: str, said: str) -> int | None:
    """The number of the user's own posting; None for another's, and for what names none."""
    found = named(said)
    return found[1] if found is not None and found[0] == user_id else None
