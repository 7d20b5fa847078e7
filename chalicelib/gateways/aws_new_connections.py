"""Makes an AWS client open a new connection for each request, like `new_connections` for other vendors."""

import ssl
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from chalicelib.gateways.tls import tls_context


def use_new_connections(client: Any) -> None:
    """For a client whose calls must not be repeated. The others keep connections: botocore repeats a broken call."""
    config = client.meta.config
    timeouts: Any = (config.connect_timeout, config.read_timeout)

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        session = SharedTlsSession(timeout=timeouts, max_pool_connections=1)
        try:
            response: AWSResponse = session.send(request)
            return response
        finally:
            session.close()

    client.meta.events.register(f"before-send.{client.meta.service_model.service_id.hyphenize()}", send)


class SharedTlsSession(URLLib3Session):
    """botocore's HTTP session over the TLS context of the process. botocore would read the root certificates for each
    connection, and has no option against that."""

    def _get_ssl_context(self) -> ssl.SSLContext:
        return tls_context()

    def _setup_ssl_cert(self, conn: Any, url: str, verify: Any) -> None:
        """Do nothing: the TLS context verifies, and has its root certificates."""
