"""A link between two TUN devices with a rate, a delay, a loss and a queue of its own: what `tc netem` does, where the kernel has none.

    python -m tests.link_emulator NEAR_DEVICE FAR_DEVICE

It makes both devices, says `ready`, and obeys lines of JSON on standard input, `{"way": "up", "rate_kbps": 2000}`, each answered by
its counters. The devices go with the process. `up` is from the near device to the far one.
"""

import fcntl
import heapq
import json
import os
import random
import selectors
import struct
import sys
import time
from dataclasses import dataclass, field

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_LARGEST_PACKET = 65535
_PACKETS_A_TURN = 64


@dataclass
class Way:
    """One direction. `rate_kbps` 0 is as fast as it goes; a packet that finds `queue_bytes` waiting is lost, as at a modem."""

    rate_kbps: float = 0.0
    delay_ms: float = 0.0
    loss: float = 0.0
    queue_bytes: int = 256_000
    is_dead: bool = False
    packets: int = 0
    lost: int = 0
    free_at_s: float = field(default=0.0, repr=False)

    def arrival_s(self, size: int, now_s: float) -> float | None:
        """When a packet that enters now comes out at the other end; None when it never does."""
        self.packets += 1
        if self.is_dead or random.random() < self.loss:
            self.lost += 1
            return None
        leaves_s = now_s
        if self.rate_kbps:
            bytes_a_second = self.rate_kbps * 125
            begins_s = max(self.free_at_s, now_s)
            if (begins_s - now_s) * bytes_a_second + size > self.queue_bytes:
                self.lost += 1
                return None
            leaves_s = self.free_at_s = begins_s + size / bytes_a_second
        return leaves_s + self.delay_ms / 1000


def open_tun(name: str) -> int:
    """A TUN device of this name, as a descriptor of whole IP packets."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return device


class Link:
    """Both devices and what is under way between them."""

    def __init__(self, near: int, far: int) -> None:
        self.ways = {"up": Way(), "down": Way()}
        self._route = {near: (self.ways["up"], far), far: (self.ways["down"], near)}
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._number = 0

    def take(self, device: int) -> None:
        """Everything that waits at a device."""
        way, other = self._route[device]
        for _ in range(_PACKETS_A_TURN):
            try:
                packet = os.read(device, _LARGEST_PACKET)
            except BlockingIOError:
                return
            arrival_s = way.arrival_s(len(packet), time.monotonic())
            if arrival_s is not None:
                self._number += 1  # keeps the order of packets that arrive together
                heapq.heappush(self._under_way, (arrival_s, self._number, other, packet))

    def deliver(self) -> float:
        """Hand over what has arrived; seconds until the next does, at most one."""
        while self._under_way:
            wait_s = self._under_way[0][0] - time.monotonic()
            if wait_s > 0:
                return min(wait_s, 1.0)
            _, _, device, packet = heapq.heappop(self._under_way)
            try:
                os.write(device, packet)
            except OSError:
                continue  # the device is down or full: lost, as on any link
        return 1.0

    def order(self, line: str) -> str:
        """Change a way, or both; answers with the counters."""
        wanted = json.loads(line)
        which = wanted.pop("way", "both")
        for name, way in self.ways.items():
            if which in {name, "both"}:
                for key, value in wanted.items():
                    setattr(way, key, value)
        return json.dumps({name: {"packets": way.packets, "lost": way.lost} for name, way in self.ways.items()})


def main(near_name: str, far_name: str) -> None:
    """Until standard input ends."""
    near, far = open_tun(near_name), open_tun(far_name)
    link = Link(near, far)
    selector = selectors.DefaultSelector()
    for source in (near, far, sys.stdin.fileno()):
        selector.register(source, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select(link.deliver()):
            if key.fd in (near, far):
                link.take(key.fd)
                continue
            line = sys.stdin.readline()
            if not line:
                return
            print(link.order(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
