"""Makes an AWS client open a new connection for each request, like `new_connections` for other vendors."""

from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session


def use_new_connections(client: Any) -> None:
    """For a client whose calls must not be repeated. The others keep connections: botocore repeats a broken call."""
    config = client.meta.config
    timeouts: Any = (config.connect_timeout, config.read_timeout)

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        session = URLLib3Session(timeout=timeouts, max_pool_connections=1)
        try:
            response: AWSResponse = session.send(request)
            return response
        finally:
            session.close()

    client.meta.events.register(f"before-send.{client.meta.service_model.service_id.hyphenize()}", send)
