"""Parts of an account: a very long history is judged part by part, so that no history fills the memory."""

import zlib
from dataclasses import dataclass

PART_POSTINGS = 5_000
"""About this many postings, with their rentals and top-ups, are in memory at once."""


@dataclass(frozen=True)
class AccountPart:
    """The part `number` of the `count` parts of an account. Most accounts have one.

    Each rental, top-up, refund and award is in one part, with all postings that name it. Sums of the whole account
    are judged in the first part.
    """

    user_id: str
    number: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        return self.number == 0

    def holds(self, reference: str) -> bool:
        """Whether the reference of a posting, or the id that it names, is in this part.

        An award names its rental or its top-up: an id is the longest word of a reference.
        """
        if self.count == 1:
            return True
        return zlib.crc32(max(reference.split(":"), key=len).encode()) % self.count == self.number

    def __str__(self) -> str:
        return self.user_id


def parts_of(subject: tuple[str, int]) -> list[AccountPart]:
    """The parts of an account, by its user id and the number of its postings."""
    user_id, postings_count = subject
    count = 1 + max(0, postings_count - 1) // PART_POSTINGS
    return [AccountPart(user_id, number, count) for number in range(count)]
