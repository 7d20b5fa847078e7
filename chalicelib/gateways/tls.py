"""The TLS context that every connection of this process shares."""

import os
import ssl
from functools import cache

import certifi


@cache
def tls_context() -> ssl.SSLContext:
    """A context that verifies the peer's certificate and name.

    It reads all root certificates, which takes more time than a handshake, so a process makes it once. The variable
    `SSL_CERT_FILE` names other roots, as for OpenSSL. OpenSSL ignores the variable when a `cafile` is given, so this
    function reads it. It belongs to the machine and is no setting of the service, so `config` does not hold it.
    """
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
