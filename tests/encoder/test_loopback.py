"""The rehearsal's receiver: a child process by FFmpeg that takes what the sender publishes."""

from encoder import open_output
from encoder.loopback import LoopbackReceiver
from studio.model.settings import OutputSettings
from tests import servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.show import HEIGHT, WIDTH, Player, Told


def test_the_rehearsal_counts_what_was_published_one_show_after_another(show, tmp_path):
    receiver = LoopbackReceiver(tmp_path, servers.free_port())
    try:
        for _ in range(2):
            output = open_output(OutputSettings(name="rehearsal", server=receiver.server, key="show"), Told())
            with Player(show, [output], loop_s=LOOP_S):
                servers.wait_until(lambda output=output: output.stats().frames >= 40, what="published")
            receiver.wait_for_end(servers.PATIENCE_S)
            counts = receiver.counts()
            assert counts["is_finished"], (counts, output.stats())
            assert counts["pictures"] == output.stats().frames
            assert (counts["width"], counts["height"], counts["codec"]) == (WIDTH, HEIGHT, "h264")
            (tmp_path / "loopback.json").unlink()
    finally:
        receiver.stop()
        receiver.stop()
