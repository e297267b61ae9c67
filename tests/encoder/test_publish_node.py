"""Publishing to node-media-server, another real server with habits of its own, seen by Debian's ffmpeg."""

import pytest

from encoder import open_output
from studio.model.settings import OutputSettings
from tests import decode, servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.show import HEIGHT, WIDTH, Player, Told, number_in
from tests.node_server import command, node_server

KEY = "k-5up3r-53cr3t"
pytestmark = pytest.mark.skipif(
    not command(), reason="node-media-server isn't installed: .ci/node-media-server does it where Node 20 is at hand"
)


def _published(server, told):
    return open_output(OutputSettings(name="main", server=server, key=KEY), told)


def test_another_program_sees_every_picture_once_and_no_decoder_complains(show, tmp_path):
    with node_server() as server:
        output = _published(server.server, Told())
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().frames > 5, what="the first pictures are out")
            path = servers.pull(f"{server.server}/{KEY}", tmp_path / "pull.flv", 3)
    assert decode.decode_errors(path) == []
    numbers = [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)]
    assert len(numbers) >= 60
    # A new player is given what the server kept since the last keyframe, and then what comes.
    assert numbers == [number % 240 for number in range(numbers[0], numbers[0] + len(numbers))]
    assert (output.stats().dropped, output.stats().connects) == (0, 1)


def test_a_server_killed_and_started_again_is_live_again(show):
    told = Told()
    with node_server() as server:
        output = _published(server.server, told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().frames > 15, what="live")
            server.kill()
            servers.wait_until(lambda: output.stats().state == "reconnecting", what="the loss is seen")
            servers.wait_until(lambda: output.stats().missed > 0, what="pictures are missed")
            server.start()
            servers.wait_until(lambda: output.stats().state == "live", what="live again")
    assert output.stats().connects == 2


def test_an_unsigned_key_is_refused_in_words_and_not_shown_as_live_for_ever(show):
    with node_server(secret="s3cr3t") as server:
        output = _published(server.server, Told())
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "refused", what="refused")
            assert output.stats().detail in {"output.publish_refused", "output.name_refused"}
            assert KEY not in repr(output.stats())


def test_a_key_that_somebody_else_streams_with_is_told(show):
    with node_server() as server:
        first, second = _published(server.server, Told()), _published(server.server, Told())
        with Player(show, [first], loop_s=LOOP_S):
            servers.wait_until(lambda: first.stats().frames > 10, what="the first is live")
            with Player(show, [second], loop_s=LOOP_S):
                servers.wait_until(lambda: second.stats().state == "refused", what="the second is refused")
            assert first.stats().state == "live"
