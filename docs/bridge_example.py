"""A bridge: lines that a chat reader prints become events of the fan file. Python alone, nothing to install.

    some-chat-reader --json | ENCORE_TOKEN=… python docs/bridge_example.py --url http://127.0.0.1:8787 --platform douyin

It loses nothing that must not be lost: while the engine is away or busy it holds at most so many lines, then stops reading, and the
reader's pipe fills up. With --drop-chat it lets the oldest chat and likes go instead, and counts them; gifts and orders always wait.
"""

import argparse
import hashlib
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from datetime import UTC, datetime
from typing import Any, TextIO

MAX_WAITING = 5_000
MAX_LINES, MAX_BYTES = 500, 512 * 1024
"""A body may have 1 MiB; half of it leaves room for signs that grow when they are encoded."""
DROPPABLE = {"chat", "like", "enter", "leave"}
LONGEST_WAIT_S = 30.0


def as_event(line: str, platform: str) -> dict[str, Any] | None:
    """One line of the reader as an event, None for what isn't one. Write this for your reader; what is an event already stays.

    The id must be the platform's own where there is one: sent twice, it then counts once. Where there is none, the same line in the
    same second is taken for the same message.
    """
    try:
        raw = json.loads(line)
    except ValueError:
        return None
    if not isinstance(raw, dict):
        return None
    if "type" in raw and "id" in raw and "at" in raw:
        return {"platform": platform, **raw}
    kinds = {"WebcastChatMessage": "chat", "WebcastGiftMessage": "gift", "WebcastLikeMessage": "like", "WebcastMemberMessage": "enter"}
    kind, user = kinds.get(str(raw.get("method"))), raw.get("user")
    if kind is None or not isinstance(user, dict):
        return None
    at = datetime.fromtimestamp(raw["time_ms"] / 1000 if isinstance(raw.get("time_ms"), int) else time.time(), UTC)
    number = raw.get("msg_id") or hashlib.sha256(f"{line}{int(at.timestamp())}".encode()).hexdigest()[:24]
    event = {"id": str(number), "type": kind, "at": at.isoformat().replace("+00:00", "Z"), "platform": platform}
    event["fan"] = {"id": str(user.get("id", "")), "name": str(user.get("nickname", ""))}
    for key in ("text", "gift", "count", "combo", "combo_total", "paid_minor", "currency"):
        if key in raw:
            event[key] = raw[key]
    return event


class Waiting:
    """Lines between the reader and the sender: at most `MAX_WAITING`, each with whether it may be let go."""

    def __init__(self, *, may_drop: bool) -> None:
        self._lines: deque[tuple[bytes, bool]] = deque()
        self._changed = threading.Condition()
        self._may_drop = may_drop
        self._is_over = False
        self.dropped = 0

    def put(self, line: bytes, *, is_droppable: bool) -> None:
        """Take a line; when full, wait, or let the oldest droppable one go."""
        with self._changed:
            while len(self._lines) >= MAX_WAITING and not (self._may_drop and self._drop_one()):
                self._changed.wait()
            self._lines.append((line, is_droppable))
            self._changed.notify_all()

    def _drop_one(self) -> bool:
        for place, (_, is_droppable) in enumerate(self._lines):
            if is_droppable:
                del self._lines[place]
                self.dropped += 1
                return True
        return False

    def end(self) -> None:
        """No more lines come."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def batch(self) -> list[bytes]:
        """The next lines to send, as soon as there is one; empty at the end."""
        with self._changed:
            while not self._lines and not self._is_over:
                self._changed.wait()
            taken: list[bytes] = []
            size = 0
            while self._lines and len(taken) < MAX_LINES and (not taken or size + len(self._lines[0][0]) < MAX_BYTES):
                line, _ = self._lines.popleft()
                taken.append(line)
                size += len(line) + 1
            self._changed.notify_all()
            return taken


def send(url: str, token: str, lines: list[bytes]) -> dict[str, Any]:
    """Send until the engine has stored them. Raises SystemExit for what no waiting cures: a wrong token, a wrong address."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    wait_s = 0.5
    while True:
        request = urllib.request.Request(f"{url}/v1/events", b"\n".join(lines), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in {408, 429, 500, 502, 503, 504}:
                raise SystemExit(f"bridge: the engine refuses ({error.code}): {error.read(400).decode(errors='replace')}") from error
            after = error.headers.get("Retry-After", "")
            pause_s = float(after) if after.isdigit() else wait_s
        except (OSError, ValueError):
            pause_s = wait_s  # not there, or gone in the middle: what it stored already comes back as duplicates
        time.sleep(pause_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def read(source: TextIO, platform: str, waiting: Waiting) -> None:
    """The reader's lines, to their end."""
    for line in source:
        event = as_event(line, platform) if line.strip() else None
        if event is not None:
            waiting.put(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace"), is_droppable=event.get("type") in DROPPABLE)
    waiting.end()


def main() -> int:
    """Bridge standard input to the engine until it ends."""
    parser = argparse.ArgumentParser(description="Lines of a chat reader into Encore.")
    parser.add_argument("--url", required=True, help="the control API, as http://127.0.0.1:8787")
    parser.add_argument("--platform", required=True, help="where the chat is from, as douyin")
    parser.add_argument("--drop-chat", action="store_true", help="when the engine can't keep up, let the oldest chat go instead of waiting")
    arguments = parser.parse_args()
    token = os.environ.get("ENCORE_TOKEN", "")
    if not arguments.url.startswith(("http://", "https://")):
        parser.error("--url must be http:// or https://")
    if not token:
        parser.error("set ENCORE_TOKEN to a connector's token")
    waiting = Waiting(may_drop=arguments.drop_chat)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    threading.Thread(target=read, args=(sys.stdin, arguments.platform, waiting), name="read", daemon=True).start()
    counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
    while lines := waiting.batch():
        answer = send(arguments.url.rstrip("/"), token, lines)
        counts["accepted"] += answer["accepted"]
        counts["duplicate"] += answer["duplicate"]
        for one in answer["rejected"]:
            counts["rejected"] += 1
            print(f"bridge: rejected: {one['error']}", file=sys.stderr)
    print(json.dumps({**counts, "dropped": waiting.dropped}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
