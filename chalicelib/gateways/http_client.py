"""Calls external services by HTTP: with time-outs, without redirects, telling whether the request was sent."""

from typing import Any

from chalicelib.world import OutcomeUnknown, Unavailable

TIMEOUT_SECONDS = (2.0, 6.0)
"""To connect, and to wait for each part of the answer. API Gateway allows 29 s for a whole request."""


class HttpClient:
    """The HTTP session of one external service. The first request makes it."""

    def __init__(self, service: str, timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        self._service = service
        self._timeout_seconds = timeout_seconds
        self._session: Any = None

    def request(self, method: str, url: str, **content: Any) -> Any:
        """The response, whatever its status.

        Raises Unavailable when the request was surely not sent, OutcomeUnknown when it may have been.
        """
        import requests

        if self._session is None:
            self._session = requests.Session()
        try:
            return self._session.request(method, url, timeout=self._timeout_seconds, allow_redirects=False, **content)
        except (requests.ConnectTimeout, requests.exceptions.InvalidURL) as error:
            raise Unavailable(self._service) from error
        except requests.ConnectionError as error:
            # A refused connection or an unresolved name sends nothing. A connection that broke later may have.
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise Unavailable(self._service) from error
            raise OutcomeUnknown(self._service) from error
        except requests.RequestException as error:
            raise OutcomeUnknown(self._service) from error


def json_of(response: Any) -> dict[str, Any]:
    """The body as a JSON object. Empty for any other body."""
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
