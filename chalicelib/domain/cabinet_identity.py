"""Which station or cabinet a printed label means: text from a QR code in, a number out."""

import re

IMEI = re.compile(r"[0-9]{15}")
MAC = re.compile(r"[0-9A-Fa-f]{12}")


def station_sn_of(scanned: str) -> str | None:
    """The station's number in a scanned QR text: after the last `=`, else after the last `/`, else all of it.

    None when what is left is not a number.
    """
    text = scanned.strip()
    for mark in ("=", "/"):
        if mark in text:
            text = text.rsplit(mark, 1)[1]
            break
    return text if text.isascii() and text.isdecimal() else None


def imei_of(label: str) -> str | None:
    """The cabinet's identity on its maker's label: the modem's IMEI, or the MAC address of a WiFi-only one.

    None when there is none where the maker puts it.
    """
    text = label.strip()
    if text.startswith("*;"):
        parts = text.split(";")
        return parts[2].upper() if len(parts) > 2 and MAC.fullmatch(parts[2]) else None
    found = text[:15] if ";" in text else text[-15:]
    return found if IMEI.fullmatch(found) else None
