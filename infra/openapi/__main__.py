"""Prints the OpenAPI document."""

import sys

from infra.openapi.compact import written
from infra.openapi.document import document

if __name__ == "__main__":
    from app import app

    sys.stdout.write(written(document(app)) + "\n")
