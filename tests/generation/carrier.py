"""A process that carries takes until it is told to stop, or killed: `python -m tests.generation.carrier FACTS`.

FACTS is a JSON object: `home`, `base_url`, and changes to the endpoint and to what the process may use.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from tests.simulation import endpoint_at, open_with


def main() -> None:
    """Carry until standard input ends."""
    details = json.loads(sys.argv[1])
    limit = details.get("largest_file")
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    services = open_with(Path(details["home"]), [endpoint_at(details["base_url"], **details.get("endpoint", {}))])
    services.runner.start()
    sys.stdout.write("carrying\n")
    sys.stdout.flush()
    sys.stdin.read()
    services.close()


if __name__ == "__main__":
    main()
