"""The desk of a running engine by its API, and what of it a listener hears: the recording, decoded by Debian's ffmpeg."""

import json
import subprocess
import uuid
import wave
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
import pytest

from tests import decode
from tests.e2e.show import engine

RATE_HZ = 48_000
LOW, HIGH, CLAP, BELL = 700, 900, 3000, 2000


def write_tone(path, frequency, seconds):
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (0.3 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE_HZ)) / RATE_HZ) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.repeat(samples[:, None], 2, axis=1).tobytes())
    return str(path)


def heard(samples):
    """What is heard one after the other: the frequency of each stretch of a tenth of a second or more, 0 for silence."""
    window = 2_400
    found = []
    for start in range(0, len(samples) - window, window):
        part = samples[start : start + window, 0]
        if np.abs(part).max() < 0.01:
            found.append(0)
            continue
        spectrum = np.abs(np.fft.rfft(part * np.hanning(window)))
        found.append(round(float(spectrum.argmax()) * RATE_HZ / window / 100) * 100)
    return [value for value, run in groupby(found) if len(list(run)) >= 2]


def in_order(wanted, found):
    """Whether the wanted come in this order, whatever stands between."""
    rest = iter(found)
    return all(one in rest for one in wanted)


def go_on(running, frames=45):
    """Let the show run on by so many encoded pictures."""
    begun = running.call("GET", "/v1/health")[1]["video"]["encoded"]
    running.wait_for("/v1/health", lambda report: report["video"]["encoded"] >= begun + frames, 30)


def tables(tmp_path, **more):
    return {
        "video": {"width": 320, "height": 180},
        "encoder": {"bitrate_kbps": 500, "keyframe_s": 1},
        "output": [{"name": "archive", "path": str(tmp_path / "show.mkv")}],
        **more,
    }


def give(running):
    """A fan gives something, by way of a connector and the fan file."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    fan = {"platform": "douyin", "room": "r1", "fan": {"id": "u1", "name": "小美"}}
    event = {"id": uuid.uuid4().hex, "type": "gift", "at": at, "gift": "玫瑰", "count": 1, "paid_minor": 100, "currency": "CNY", **fan}
    code = running.call("POST", "/v1/pair/codes", {"role": "connector", "platform": "douyin", "room": "r1"})[1]["code"]
    token = running.call("POST", "/v1/pair", {"code": code, "name": "bridge"})[1]["token"]
    status, answer = running.call("POST", "/v1/events", json.dumps(event).encode(), token, "application/x-ndjson")
    assert (status, answer["accepted"]) == (200, 1), answer


def test_music_that_is_added_on_air_is_muted_skipped_and_paused_effects_play_by_key_and_gift_and_all_of_it_is_published(tmp_path):
    write_tone(tmp_path / "songs" / "1.wav", LOW, 60)
    write_tone(tmp_path / "songs" / "2.wav", HIGH, 60)
    effect = {"name": "掌声", "path": write_tone(tmp_path / "clap.wav", CLAP, 0.5), "key": "1"}
    bell = {"name": "铃", "path": write_tone(tmp_path / "bell.wav", BELL, 0.5), "on": "gift"}
    music = {"name": "音乐", "kind": "music", "source": f"music:{tmp_path / 'songs'}"}
    with engine(tmp_path, tables(tmp_path, effect=[effect, bell])) as running:
        running.wait_for("/v1/sound", lambda desk: all(row["loaded"] for row in desk["effects"]))
        assert running.call("POST", "/v1/live/start")[0] == 200
        name = "/v1/sound/inputs/%E9%9F%B3%E4%B9%90"
        go_on(running)
        assert running.call("PATCH", "/v1/settings", {"input": [music]})[0] == 200
        running.wait_for("/v1/sound", lambda desk: desk["inputs"] and desk["inputs"][0]["open"])
        go_on(running)
        for change in ({"muted": True}, {"muted": False}):
            assert running.call("PATCH", name, change)[0] == 200
            go_on(running)
        assert running.call("POST", f"{name}/next")[0] == 200
        go_on(running)
        paused = running.call("POST", f"{name}/pause")[1]
        assert (paused["playing"], paused["track"], paused["tracks"], paused["paused"]) == ("2", 2, 2, True)
        go_on(running)
        assert running.call("POST", "/v1/sound/effects/%E6%8E%8C%E5%A3%B0")[0] == 200
        go_on(running)
        give(running)
        go_on(running)
        running.call("POST", "/v1/live/stop")
    sequence = heard(decode.sound(tmp_path / "show.mkv"))
    assert in_order([0, LOW, 0, LOW, HIGH, 0, CLAP, 0, BELL, 0], sequence), sequence


def ask_wrongly(running, music):
    """What is refused changes nothing; a source that isn't there is told."""
    name = "/v1/sound/inputs/%E9%9F%B3%E4%B9%90"
    assert running.call("PATCH", "/v1/sound/inputs/nobody", {"muted": True})[0] == 404
    assert running.call("PATCH", name, {"gain_db": 99.0})[0] == 422
    assert running.call("PATCH", name, {"name": "other"})[0] == 422
    assert running.call("PATCH", name, {"denoise": True})[0] == 422
    assert running.call("POST", "/v1/sound/inputs/microphone/next")[0] == 404
    assert running.call("POST", "/v1/sound/effects/a")[0] == 409
    assert running.call("POST", "/v1/sound/effects/b")[0] == 404
    assert running.call("PATCH", "/v1/settings", {"input": [music, music]})[0] == 422
    settings = running.call("GET", "/v1/settings")[1]
    assert [row["gain_db"] for row in settings["input"]] == [0.0]
    live = running.wait_for("/v1/live", lambda live: any(row["kind"] == "input:音乐" and row["state"] == "lost" for row in live["sources"]))
    assert next(row["code"] for row in live["sources"] if row["kind"] == "input:音乐") == "clip.missing"
    assert running.call("PATCH", "/v1/settings", {"input": []})[0] == 200
    running.wait_for("/v1/live", lambda live: all(row["kind"] != "input:音乐" for row in live["sources"]))


def test_what_is_asked_wrongly_is_refused_and_a_microphone_behind_a_key_is_heard_only_while_the_key_is_held(tmp_path):
    """The tone beeps each second; the key is held for some of them, and its lease ends when nobody says it again."""
    music = {"name": "音乐", "kind": "music", "source": f"music:{tmp_path / 'nowhere'}"}
    more = {"input": [music], "effect": [{"name": "a", "path": str(tmp_path / "none.wav")}]}
    with engine(tmp_path, tables(tmp_path, audio={"source": "tone", "push_to_talk": True}, **more)) as running:
        ask_wrongly(running, music)
        assert running.call("POST", "/v1/live/start")[0] == 200
        go_on(running, 75)
        assert running.call("POST", "/v1/sound/talk", {"held": True}) == (200, {"talking": True})
        running.wait_for("/v1/sound", lambda desk: not desk["talking"])
        go_on(running, 75)
        running.call("POST", "/v1/live/stop")
    samples = np.abs(decode.sound(tmp_path / "show.mkv")[:, 0])
    loud = np.flatnonzero(samples > 0.1) / RATE_HZ
    assert len(loud)
    assert loud[0] > 2
    assert loud[-1] < len(samples) / RATE_HZ - 2


def track(path, number):
    """One sound track as Debian's ffmpeg decodes it, (N, 2) float32."""
    words = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", f"0:a:{number}", "-f", "f32le", "-ar", "48000", "-ac", "2", "-"]
    return np.frombuffer(subprocess.run(words, capture_output=True, timeout=120, check=True).stdout, np.float32).reshape(-1, 2)


def power_at(samples, frequency):
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    place = round(frequency * len(samples) / RATE_HZ)
    return float(spectrum[place - 3 : place + 4].max() / len(samples))


ENDINGS = ("mp4", "mkv")


def test_voices_and_music_lie_on_tracks_of_their_own_in_step_with_the_mix(tmp_path):
    music = {"name": "m", "kind": "music", "source": f"music:{write_tone(tmp_path / 'song.wav', LOW, 60)}"}
    apart = [{"name": f"apart {ending}", "path": str(tmp_path / f"apart.{ending}"), "tracks": "separate"} for ending in ENDINGS]
    plain = [{"name": f"plain {ending}", "path": str(tmp_path / f"plain.{ending}")} for ending in ENDINGS]
    with engine(tmp_path, tables(tmp_path, audio={"source": "tone"}, input=[music], output=[*apart, *plain])) as running:
        running.wait_for("/v1/sound", lambda desk: len(desk["inputs"]) == 2 and all(row["open"] for row in desk["inputs"]))
        assert running.call("POST", "/v1/live/start")[0] == 200
        go_on(running, 120)
        running.call("POST", "/v1/live/stop")
    for ending in ENDINGS:
        assert len(sound_titles(tmp_path / f"plain.{ending}")) == 1
        assert_in_step(tmp_path / f"apart.{ending}")


def assert_in_step(path):
    assert decode.decode_errors(path) == []
    assert sound_titles(path) == ["Mix", "Voices", "Music"]
    mix, voices, rest = (track(path, number) for number in range(3))
    assert power_at(voices, 1000) > 20 * power_at(voices, LOW)
    assert power_at(rest, LOW) > 20 * power_at(rest, 1000)
    length = min(len(mix), len(voices), len(rest)) - 4_800
    whole = voices[4_800:length] + rest[4_800:length]
    # AAC changes each track in its own way; one sample out of step would leave 13 % of the beeps' power, ten samples all of it.
    assert np.std(mix[4_800:length] - whole) < 0.1 * np.std(whole)


def sound_titles(path):
    words = ["ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream_tags=title,handler_name", "-of", "json", str(path)]
    streams = json.loads(subprocess.run(words, capture_output=True, timeout=60, check=True).stdout)["streams"]
    return [stream.get("tags", {}).get("title") or stream.get("tags", {}).get("handler_name") for stream in streams]


def test_a_flash_and_a_beep_set_the_offset_and_the_published_show_is_in_step(tmp_path):
    """The test card flashes each second; the sound is a clip whose beeps come 120 ms late."""
    beeps = np.zeros(RATE_HZ * 10, np.float32)
    for second in range(10):
        begin = int((second + 0.12) * RATE_HZ)
        beeps[begin : begin + 3_840] = 0.4 * np.sin(2 * np.pi * 1000 * np.arange(3_840) / RATE_HZ)
    with wave.open(str(tmp_path / "late.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((beeps * 32767).astype("<i2").tobytes())
    audio = {"source": f"file:{tmp_path / 'late.wav'}"}
    with engine(tmp_path, tables(tmp_path, audio=audio)) as running:
        running.wait_for("/v1/sound", lambda desk: desk["inputs"] and desk["inputs"][0]["blocks"] > 10)
        for _ in range(4):  # pictures that a busy machine passes over make the distances unsteady: a host would try again too
            status, found = running.call("POST", "/v1/sound/sync", {"seconds": 8})
            if status == 200:
                break
        assert status == 200, found
        assert found["offset_ms"] == pytest.approx(-120, abs=34)
        assert found["pairs"] >= 4
        assert running.call("GET", "/v1/settings")[1]["audio"]["sync_offset_ms"] == found["offset_ms"]
        assert running.call("POST", "/v1/live/start")[0] == 200
        go_on(running, 180)
        running.call("POST", "/v1/live/stop")
    flashes, beeps = card_flashes(tmp_path / "show.mkv"), decode.beep_times(tmp_path / "show.mkv")
    offsets_ms = [min(((beep - flash) * 1000 for beep in beeps), key=abs) for flash in flashes[1:-1]]
    assert len(offsets_ms) >= 3
    # On a busy machine a tick that repeats a picture shows a flash later, one that comes late itself shows it earlier: most come in time.
    assert abs(np.median(offsets_ms) - (120 + found["offset_ms"])) <= 20


def card_flashes(path):
    """When the test card's field at the lower right becomes white, in seconds of the stream's own time."""
    field = decode.luma_frames(path, 320, 180)[:, 138:158, 172:280].mean(axis=(1, 2))
    is_on = field > 120
    times = sorted(decode.packet_times(path))
    return [times[at] for at in np.flatnonzero(is_on) if at and not is_on[at - 1]]
