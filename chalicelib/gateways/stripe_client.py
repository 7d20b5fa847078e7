"""Stripe's own library: our time-outs, none of its retries, and its errors as ours."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

API_VERSION = "2026-10-28.endive"
PAGE = 100
UNSENT = ("NewConnectionError", "NameResolutionError", "ConnectTimeout")


class StripeLibrary:
    """One account at Stripe; the library is imported by the first call."""

    def __init__(self, api_url: str, secret_key: str, timeout_seconds: tuple[float, float]) -> None:
        self._api_url = api_url.rstrip("/")
        self._secret_key = secret_key
        self._timeout_seconds = timeout_seconds

    def call(self, do: Callable[[Any], Any]) -> dict[str, Any]:
        """Stripe's answer to `do(v1)` as plain values. Raises Unavailable (surely nothing was done), OutcomeUnknown,
        or Rejected."""
        import stripe

        try:
            content = do(self._client.v1).to_dict()
        except stripe.APIConnectionError as error:
            unsent = any(name in repr(error.__cause__) for name in UNSENT)
            raise (Unavailable("stripe") if unsent else OutcomeUnknown("stripe")) from error
        except stripe.StripeError as error:
            raise _meaning(error) from error
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            # An answer of a shape that the library itself trips over.
            raise OutcomeUnknown("stripe") from error
        if not isinstance(content, dict):
            raise OutcomeUnknown("stripe")
        return content

    def rows(
        self, of: Callable[[Any], Any], params: Mapping[str, Any], *, max_pages: int
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of the list at `of(v1)`. Raises as `call`; OutcomeUnknown also for more than `max_pages` of
        them."""
        after: dict[str, Any] = {}
        for _ in range(max_pages):
            page, more = self._page(of, {**params, "limit": PAGE, **after})
            yield from page
            if not more:
                return
            after = {"starting_after": page[-1].get("id")}
        raise OutcomeUnknown("stripe")

    def _page(self, of: Callable[[Any], Any], params: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], bool]:
        """One page of a list, and whether there are more."""
        content = self.call(lambda v1: of(v1).list(params))
        page = content.get("data")
        if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
            raise OutcomeUnknown("stripe")
        return page, content.get("has_more") is True and bool(page)

    @cached_property
    def _client(self) -> Any:
        import requests
        import stripe

        # It would tell Stripe about this host, and keep a name for it in a file.
        stripe.enable_telemetry = False
        session = requests.Session()
        session.max_redirects = 0
        return stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._api_url},
            http_client=stripe.RequestsClient(timeout=self._timeout_seconds, session=session),
            max_network_retries=0,
            stripe_version=API_VERSION,
        )


def _meaning(error: Any) -> Exception:
    """Too many calls, so that nothing was done; perhaps done; or no."""
    import stripe

    status = error.http_status or 0
    if status == 429:
        return Unavailable("stripe")
    # 409: another call with the same key is still at it. APIError below 500: not in Stripe's own words.
    if not 400 <= status < 500 or status == 409 or isinstance(error, stripe.APIError):
        return OutcomeUnknown("stripe")
    answer = error.error
    return Rejected(str(getattr(answer, "code", None) or getattr(answer, "type", None) or status))
