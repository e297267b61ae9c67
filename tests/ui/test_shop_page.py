"""The shop page: a shop is added, its key made or kept, tried and taken out; what was refused is said; members' pages go on and off."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from studio.errors import NotFound
from tests.ui.window_stage import Stage, until
from ui.controls import HoldButton
from ui.language import fault_words, words
from ui.studio_window import StudioWindow

HOOK = {
    "name": "shop", "kind": "standard", "has_key": True, "taken": 12, "taken_at": "2026-11-24T03:00:00.000Z", "refused": 2,
    "refused_at": "2026-11-24T03:05:00.000Z", "fault": "hooks.signature",
}  # fmt: skip


def shown(widget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def press(parent, text: str) -> None:
    next(one for one in parent.findChildren(QPushButton) if text in (one.text(), one.accessibleName()) and one.isVisible()).click()


async def opened(stage: Stage):
    window = await stage.window(StudioWindow)
    window.resize(1280, 720)
    window._pages.turn("shop")
    await until(lambda: not window._bridge._tasks, "the hooks")
    return window._pages.shop


async def test_nothing_is_connected_and_it_is_said_what_to_do(stage: Stage):
    page = await opened(stage)
    assert words("hooks.none") in shown(page)


async def test_a_shop_is_added_by_its_name_alone(stage: Stage):
    page = await opened(stage)
    page.hooks.name.setText("shop")
    QTest.keyClick(page.hooks.name, Qt.Key.Key_Return)
    await until(lambda: words("hooks.added", name="shop") in shown(page), "the shop")
    (hook,) = stage.studio.profile.hook
    assert (hook.name, hook.kind, hook.secret) == ("shop", "standard", "hook-shop")
    assert page.hooks.name.text() == ""
    page.hooks.name.setText("Shop 2")
    press(page, words("hooks.add"))
    await until(lambda: "Shop 2" in page.hooks.note.text() or "hook" in page.hooks.note.text(), "the refusal")
    assert len(stage.studio.profile.hook) == 1
    await stage.quiet()


async def test_what_came_and_what_was_refused_is_said_with_its_reason(stage: Stage):
    stage.studio.hook_rows = [HOOK]
    page = await opened(stage)
    told = shown(page)
    assert fault_words("hooks.signature") in told
    assert stage.server.url + "/v1/hooks/shop" in told.replace("POST ", "")
    stage.studio.hook_rows = [{**HOOK, "has_key": False, "taken": 0, "refused": 0}]
    page.hooks.ask()
    await until(lambda: words("hooks.no_key") in shown(page), "no key")
    test = next(one for one in page.findChildren(QPushButton) if one.text() == words("hooks.test") and one.isVisible())
    assert not test.isEnabled()


async def test_a_key_is_made_kept_and_tried(stage: Stage):
    stage.studio.hook_rows = [{**HOOK, "has_key": False}]
    page = await opened(stage)
    stage.studio.hook_rows = [HOOK]
    press(page, words("hooks.make_key"))
    await until(lambda: words("hooks.key_made") in shown(page), "the key")
    assert words("hooks.no_key") not in shown(page)
    assert QApplication.clipboard().text() == "whsec_bWFkZQ=="
    press(page, words("hooks.seen_key"))
    await until(lambda: "whsec_" not in shown(page), "gone again")
    field = next(one for one in page.findChildren(type(page.hooks.name)) if one.accessibleName() == words("hooks.key_of", name="shop"))
    field.setText("whsec_c2hvcA==")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: words("hooks.key_kept") in shown(page), "kept")
    assert ("keep_hook_key", "shop", "whsec_c2hvcA==") in stage.studio.asked
    await stage.quiet()
    press(page, words("hooks.test"))
    await until(lambda: words("hooks.tested", name="shop") in shown(page), "tried")
    stage.studio.failing["test_hook"] = NotFound("secret.missing", name="hook-shop")
    press(page, words("hooks.test"))
    await until(lambda: fault_words("secret.missing", name="hook-shop") in shown(page), "why not")
    await stage.quiet()


async def test_a_key_in_use_is_made_void_by_holding_only(stage: Stage):
    stage.studio.hook_rows = [HOOK]
    page = await opened(stage)
    renew = next(one for one in page.findChildren(HoldButton) if one.text() == words("hooks.renew_key"))
    renew.click()
    await stage.quiet()
    assert "keep_hook_key" not in stage.studio.names()
    renew.held.emit()
    await until(lambda: ("keep_hook_key", "shop", None) in stage.studio.asked, "the new key")
    await stage.quiet()


async def test_members_pages_go_on_with_an_address_that_has_tls(stage: Stage):
    page = await opened(stage)
    card = page.members
    card.switch.click()
    await until(lambda: stage.studio.profile.remote.member_page, "on")
    await until(lambda: words("members.on") in shown(page), "said")
    card.address.setText("http://fans.example.com")
    press(card, words("spec.save"))
    await until(lambda: "https://" in card.note.text(), "refused")
    assert stage.studio.profile.remote.public_url == ""
    card.address.setText("https://fans.example.com")
    press(card, words("spec.save"))
    await until(lambda: stage.studio.profile.remote.public_url == "https://fans.example.com", "kept")
    await stage.quiet()
