"""What stands is told once, and settled where it was told."""

from studio.app.notices import KEPT, Notices
from studio.app.watchers import Watchers


def made():
    sent = []
    notices = Notices(lambda kind, notice: sent.append(notice))
    return Watchers(notices), notices, sent


def test_a_thing_is_told_when_it_begins_stands_while_it_lasts_and_is_settled_when_it_is_over():
    watchers, notices, sent = made()
    for _ in range(5):
        watchers.tell("picture.black", holds=True)
    assert [(row["code"], row["level"]) for row in watchers.report()] == [("picture.black", "warn")]
    assert "全黑" in watchers.report()[0]["text"]["zh_CN"]
    for _ in range(5):
        watchers.tell("picture.black", holds=False)
    assert watchers.report() == []
    assert [notice["over_at"] is not None for notice in sent] == [False, True]
    assert sent[0]["id"] == sent[1]["id"] == notices.all()[-1]["id"]


def test_two_outputs_with_the_same_trouble_are_two_things():
    watchers, _, sent = made()
    watchers.tell("picture.black", holds=True, about="a")
    watchers.tell("picture.black", holds=True, about="b")
    watchers.tell("picture.black", holds=False, about="a")
    assert [row["about"] for row in watchers.report()] == ["b"]
    assert sent[-1]["params"] == {"name": "a"}


def test_what_it_was_about_is_gone_and_so_is_the_trouble():
    watchers, _, _ = made()
    watchers.tell("picture.black", holds=True)
    watchers.tell("picture.frozen", holds=True, level="bad")
    watchers.clear("picture.")
    assert watchers.report() == []


def test_a_notice_that_is_no_longer_kept_may_be_settled_all_the_same():
    watchers, notices, _ = made()
    watchers.tell("picture.black", holds=True)
    for number in range(KEPT + 1):
        notices.add("info", "events.feed_ended", number=number)
    watchers.tell("picture.black", holds=False)
    assert watchers.report() == []


def test_the_same_thing_again_is_open_again():
    watchers, notices, _ = made()
    for holds in (True, False, True):
        watchers.tell("picture.black", holds=holds)
    assert [(notice["count"], notice["over_at"]) for notice in notices.all()] == [(2, None)]
