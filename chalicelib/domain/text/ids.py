"""ULIDs: 10 characters of milliseconds and 16 random ones in Crockford's alphabet. They sort by time."""

from datetime import UTC, datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
TIME_CHARACTERS = 10
MAX_MILLISECONDS = 253_402_300_799_999
"""The end of the year 9999."""
RANDOM_BYTES = 10
MAX_ID_CHARACTERS = 128


def ulid(at: datetime, chance: bytes) -> str:
    """A ULID of `at`, or of 1970 for an earlier time, and 10 random bytes."""
    number = (max(0, int(at.timestamp() * 1000)) << 80) | int.from_bytes(chance[:RANDOM_BYTES], "big")
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def year_of_id(text: str) -> str:
    """The year in which a ULID was made, in UTC. Raises ValueError for any other text."""
    if len(text) != LENGTH or not set(text) <= set(ALPHABET) or text[0] > "7":
        raise ValueError("no ULID")
    milliseconds = 0
    for character in text[:TIME_CHARACTERS]:
        milliseconds = milliseconds * 32 + ALPHABET.index(character)
    if milliseconds > MAX_MILLISECONDS:
        raise ValueError("no ULID of a year that a time can have")
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y}"


def is_id(value: object) -> bool:
    """Whether a value from outside can be the id of a row: printable ASCII text of at most `MAX_ID_CHARACTERS`."""
    return isinstance(value, str) and 0 < len(value) <= MAX_ID_CHARACTERS and value.isascii() and value.isprintable()


def first_id_of(at: datetime) -> str:
    """The smallest ULID of `at`: ids made later are larger."""
    return ulid(at, bytes(RANDOM_BYTES))
