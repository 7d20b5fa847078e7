"""How every neighbour is called by HTTP: with time-outs, without redirects, and telling sent from surely not sent."""

from typing import Any

from chalicelib.world import OutcomeUnknown, Unavailable

TIMEOUT_SECONDS = (2.0, 6.0)
"""To connect, and to wait for each part of the answer: well under the gateway's 29 s."""


class HttpClient:
    """One neighbour's HTTP session, made when it is first used."""

    def __init__(self, service: str, timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        self._service = service
        self._timeout_seconds = timeout_seconds
        self._session: Any = None

    def request(self, method: str, url: str, **content: Any) -> Any:
        """The response, whatever its status. Raises Unavailable when surely nothing was sent, OutcomeUnknown after
        that."""
        import requests

        if self._session is None:
            self._session = requests.Session()
        try:
            return self._session.request(method, url, timeout=self._timeout_seconds, allow_redirects=False, **content)
        except (requests.ConnectTimeout, requests.exceptions.InvalidURL) as error:
            raise Unavailable(self._service) from error
        except requests.ConnectionError as error:
            # Refused or unresolved is surely unsent; a connection that broke later may have been heard.
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise Unavailable(self._service) from error
            raise OutcomeUnknown(self._service) from error
        except requests.RequestException as error:
            raise OutcomeUnknown(self._service) from error


def json_of(response: Any) -> dict[str, Any]:
    """The body as an object; an empty one for anything else."""
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
