import threading

from studio.engine.stage import Stage


def test_a_stage_ends_when_asked():
    stage = Stage("camera", lambda stopping: stopping.wait(30))
    stage.start()
    assert stage.stop(30)
    assert stage.stop(30)
    assert not stage.is_running


def test_the_thread_carries_the_stages_name():
    names = []
    stage = Stage("program", lambda _: names.append(threading.current_thread().name))
    stage.start()
    assert stage.finish(5)
    assert names == ["program"]


def test_a_bug_is_told_upward_and_ends_only_its_stage(caplog):
    told = threading.Event()
    failures = []

    def fail(_: threading.Event) -> None:
        raise ZeroDivisionError

    def on_failed(name: str, error: Exception) -> None:
        failures.append((name, type(error)))
        told.set()

    stage = Stage("look", fail, on_failed)
    stage.start()
    assert told.wait(30)
    assert stage.stop(30)
    assert failures == [("look", ZeroDivisionError)]
    assert "The stage look failed" in caplog.text


def test_a_stage_that_hangs_is_named_and_not_waited_for(caplog):
    release = threading.Event()
    stage = Stage("encode", lambda _: release.wait(120))
    stage.start()
    assert not stage.stop(0.05)
    assert "encode" in caplog.text
    release.set()
    assert stage.stop(30)
