"""`python -m tests.bench.celery_peer enqueue COUNT` or `... work THREADS`: Celery with Redis, apart from the rest.

It runs with the bench's own packages before the service's, because Celery asks for another dateutil.
"""

import logging
import sys
import warnings

from tests.bench.peers import celery_app, client
from tests.bench.sender import say


def enqueue(count: int) -> None:
    app = celery_app()
    for n in range(1, count + 1):
        app.send_task("text", args=[n])
    say(ready=True)


def work(threads: int) -> None:
    warnings.simplefilter("ignore")  # that it is run as root
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # that its client keeps few connections
    client()
    celery_app().worker_main(
        [
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            str(threads),
            "--loglevel",
            "ERROR",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


if __name__ == "__main__":
    {"enqueue": enqueue, "work": work}[sys.argv[1]](int(sys.argv[2]))
