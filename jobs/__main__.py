"""`python -m jobs`: everything that happens by the clock."""

import logging
import signal
import sys
import threading
from types import FrameType

from jobs.duties import Duties
from jobs.pace import Pace
from jobs.timetable import make_timetable
from service.bootstrap import build_parts
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
    pace = Pace(settings.sends_per_second)
    timetable = make_timetable(Duties(parts, pace, stopping))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # The text in hand is finished, the next one is not begun.
        stopping.set()
        pace.stop()
        threading.Thread(target=timetable.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("jobs started")
    timetable.start()
    parts.database.close()
    log.info("jobs stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
