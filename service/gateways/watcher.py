"""Telling somebody outside that we live. When the word stays away, they raise the alarm."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT_S = 10.0


def knock(url: str, timeout_s: float = TIMEOUT_S) -> None:
    """GET `url` once. Raises OSError unless the answer is a success; redirects are not followed.

    The message of the error holds no address: a watcher's address is its password.
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", target, headers={"User-Agent": "Handrail"})
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError) as problem:
        raise OSError(f"no answer ({type(problem).__name__})") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise OSError(f"HTTP {status}")
