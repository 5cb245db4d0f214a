"""`python -m jobs`: everything that happens by the clock."""

import logging
import signal
import sys
import threading
from types import FrameType

from jobs.duties import Duties
from jobs.timetable import make_timetable
from service.bootstrap import build_dispatcher, build_parts
from service.config import load_settings
from service.domain.errors import HandrailError
from service.gateways.door import http_door
from service.logs import set_up_logs

log = logging.getLogger("jobs")


def main() -> int:
    try:
        settings = load_settings()
        set_up_logs(settings.log_level)
        parts = build_parts(settings, http_door(f"http://127.0.0.1:{settings.port}"))
    except HandrailError as problem:
        sys.stderr.write(f"Handrail's jobs do not start. {problem}\n")
        return 1
    stopping = threading.Event()
    dispatcher = build_dispatcher(settings, parts)
    timetable = make_timetable(Duties(parts, stopping, dispatcher.wake, settings.heartbeat_url))
    sender = threading.Thread(target=dispatcher.run, name="sender")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Calls that have begun are finished; what else is in hand goes back to the queue.
        stopping.set()
        dispatcher.stop()
        threading.Thread(target=timetable.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("jobs started")
    sender.start()
    timetable.start()
    sender.join()
    parts.database.close()
    log.info("jobs stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
