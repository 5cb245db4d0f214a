"""`python -m service.routing.training`: makes the table anew and writes it.

With `--check`, compares with the one that is there instead and exits with 1 when it differs.
"""

import gzip
import logging
import sys

from service.routing.training.build import build
from service.routing.training.export import PATH, write

log = logging.getLogger("service.routing.training")


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    raw = build()
    if "--check" in arguments:
        same = PATH.exists() and gzip.decompress(PATH.read_bytes()) == raw
        log.info("the table is current" if same else "the table is not what the corpus gives")
        return 0 if same else 1
    log.info("written", extra={"path": PATH.name, "bytes": write(raw)})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
