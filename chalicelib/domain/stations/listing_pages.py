"""The listing pages, and which of them holds a station: the remainder of its serial number decides."""

import zlib

LISTING_PAGES = tuple(str(number) for number in range(32))
"""The names of all listing pages. 20,000 stations make pages of about 625."""


def listing_page_of(station_sn: str) -> str:
    """The listing page of a station. Its serial number alone decides, so that every page gets its share."""
    return LISTING_PAGES[zlib.crc32(station_sn.encode()) % len(LISTING_PAGES)]
