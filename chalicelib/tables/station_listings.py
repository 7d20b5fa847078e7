"""The prepared listings of stations, as the app reads them."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Row

BOARDS = "boards"


class BoardRow(Row):
    """The listing of a bounded number of stations, as the app reads it."""

    class Meta:
        table_name = "boards"

    name = UnicodeAttribute(hash_key=True)
    board = UnicodeAttribute(range_key=True)
    listing = UnicodeAttribute()


def boards() -> list[str]:
    """Every board's listing, JSON text."""
    with storage():
        return [row.listing for row in BoardRow.query(BOARDS)]


def board_numbers() -> list[str]:
    """The boards there are."""
    with storage():
        return [row.board for row in BoardRow.query(BOARDS, attributes_to_get=["name", "board"])]


def publish(board: str, listing: str) -> None:
    with storage():
        BoardRow(name=BOARDS, board=board, listing=listing).save()
