"""The HTTP calls of simulated cabinets, signed as the manufacturer's document says."""

import hashlib
from collections.abc import Mapping

import requests

TIMEOUT_SECONDS = 10


class CabinetHttp:
    """Calls the API at `url` as cabinets do. A failed call is lost, as with a real modem."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = dict(headers or {})

    def report_return(self, imei: str, powerbank_sn: str, slot_number: int) -> None:
        params = {"rentboxSN": imei, "singleSN": powerbank_sn, "hole": str(slot_number)}
        self._call("GET", "/api/rentbox/order/return", params)

    def upload(self, imei: str, frame: bytes) -> None:
        self._call("POST", "/api/rentbox/upload/data", {"rentboxSN": imei, "signal": "CSQ:27"}, frame)

    def _call(self, method: str, path: str, params: Mapping[str, str], content: bytes | None = None) -> None:
        signed = {**params, "sign": sign(params)}
        headers = self._headers | ({"Content-Type": "application/octet-stream"} if content is not None else {})
        try:
            requests.request(
                method, self._url + path, params=signed, data=content, headers=headers, timeout=TIMEOUT_SECONDS
            )
        except requests.RequestException:
            return


def sign(params: Mapping[str, str]) -> str:
    """The MD5 of the sorted parameters. It has no secret in it."""
    text = "|".join(f"{name}={value}" for name, value in sorted(params.items()))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
