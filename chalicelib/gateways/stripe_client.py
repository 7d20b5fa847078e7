"""Wraps Stripe's library: our time-outs, no retries, and its errors translated to ours."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from chalicelib.gateways.malformed_answers import MALFORMED
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

API_VERSION = "2026-10-28.endive"
PAGE = 100


class StripeLibrary:
    """One account at Stripe. The first call imports the library."""

    def __init__(self, api_url: str, secret_key: str, timeout_seconds: tuple[float, float]) -> None:
        self._api_url = api_url.rstrip("/")
        self._secret_key = secret_key
        self._timeout_seconds = timeout_seconds

    def call(self, do: Callable[[Any], Any]) -> dict[str, Any]:
        """Stripe's answer to `do(v1)` as plain values.

        Raises Unavailable (Stripe surely did nothing), OutcomeUnknown or Rejected.
        """
        import stripe

        from chalicelib.gateways.new_connections import was_never_sent

        try:
            content = do(self._client.v1).to_dict()
        except stripe.APIConnectionError as error:
            failure = Unavailable if was_never_sent(error.__cause__) else OutcomeUnknown
            raise failure("stripe") from error
        except stripe.StripeError as error:
            raise _failure_for(error) from error
        except MALFORMED as error:
            # Stripe's library fails on an answer of an unexpected shape.
            raise OutcomeUnknown("stripe") from error
        if not isinstance(content, dict):
            raise OutcomeUnknown("stripe")
        return content

    def rows(
        self, of: Callable[[Any], Any], params: Mapping[str, Any], *, max_pages: int
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of the list at `of(v1)`.

        Raises like `call`, and OutcomeUnknown for more than `max_pages` pages.
        """
        after: dict[str, Any] = {}
        for _ in range(max_pages):
            page, more = self._page(of, {**params, "limit": PAGE, **after})
            yield from page
            if not more:
                return
            after = {"starting_after": page[-1].get("id")}
        raise OutcomeUnknown("stripe")

    def _page(self, of: Callable[[Any], Any], params: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], bool]:
        """One page of a list, and whether another page follows."""
        content = self.call(lambda v1: of(v1).list(params))
        page, more = content.get("data"), content.get("has_more")
        if (
            not isinstance(more, bool)
            or not isinstance(page, list)
            or not all(isinstance(item, dict) for item in page)
        ):
            raise OutcomeUnknown("stripe")
        return page, more and bool(page)

    @cached_property
    def _client(self) -> Any:
        import stripe

        from chalicelib.gateways.new_connections import new_session

        # Telemetry would send facts about this host to Stripe, and store a host id in a file.
        stripe.enable_telemetry = False
        session = new_session()
        session.max_redirects = 0
        return stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._api_url},
            http_client=stripe.RequestsClient(timeout=self._timeout_seconds, session=session),
            max_network_retries=0,
            stripe_version=API_VERSION,
        )


def _failure_for(error: Any) -> Exception:
    """Our exception for Stripe's: Unavailable for too many calls, OutcomeUnknown, or Rejected."""
    import stripe

    status = error.http_status or 0
    if status == 429:
        return Unavailable("stripe")
    # 409: another call with the same key still runs. An APIError below 500 is not Stripe's own answer.
    if not 400 <= status < 500 or status == 409 or isinstance(error, stripe.APIError):
        return OutcomeUnknown("stripe")
    answer = error.error
    return Rejected(str(getattr(answer, "code", None) or getattr(answer, "type", None) or status))
