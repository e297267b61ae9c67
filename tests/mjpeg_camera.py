"""A camera that does what it is told: MJPEG over HTTP on this machine, as an IP camera serves it, with faults on demand.

There is no loopback video device on most machines; this one goes through the product's own `Camera` and its driver thread.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

WIDTH, HEIGHT, FPS = 640, 360, 30


def _pictures(count: int = 45) -> list[bytes]:
    """A soft picture with a sensor's noise, which no two share."""
    random = np.random.default_rng(11)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    made = []
    for number in range(count):
        soft = 130 + 60 * np.sin(columns / 90 + number / 7) * np.cos(rows / 70)
        noisy = soft[:, :, None] + random.normal(0, 4, (HEIGHT, WIDTH, 3))
        made.append(cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    return made


class MjpegCamera:
    """`mode`: fine, frozen (the same picture again and again), silent (connected, nothing comes), gone (refuses and hangs up)."""

    def __init__(self) -> None:
        self.mode = "fine"
        self._pictures = _pictures()
        self._is_closing = False
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, name="mjpeg camera")
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/video.mjpg"

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        if self.mode == "gone":
            request.send_error(503)
            return
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        request.end_headers()
        number, due = 0, time.monotonic()
        while not (self._is_closing or self.mode == "gone"):
            due = max(due + 1 / FPS, time.monotonic() - 0.1)
            time.sleep(max(0.0, due - time.monotonic()))
            if self.mode == "silent":
                continue
            number += self.mode == "fine"
            data = self._pictures[number % len(self._pictures)]
            try:
                request.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n")
            except OSError:
                return

    def close(self) -> None:
        self._is_closing = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
