"""Who may give away what: limits of assistants, approvals by somebody else, edits."""

import pytest

from studio.errors import Conflict, Forbidden, InvalidInput, TooManyRequests
from studio.model.settings import LimitSettings
from studio.remote.roles import Principal

from .conftest import ANNA, BEN, HOST, LOTTERY


async def test_the_host_knows_no_limit(rig):
    rig.limits = LimitSettings(max_value_minor=1, drops_an_hour=1, approve_over_minor=1)
    assert rig.drops.drop(await rig.open())["state"] == "open"


async def test_an_assistant_gives_away_no_more_than_the_limit(rig):
    rig.limits = LimitSettings(max_value_minor=15_800)
    await rig.open(ANNA)
    rig.limits = LimitSettings(max_value_minor=15_799)
    with pytest.raises(Forbidden) as caught:
        await rig.open_coupon(ANNA, stock=8)
    assert caught.value.params["value_minor"] == 16_000
    assert len(rig.drops.drops()) == 1


async def test_drops_an_hour(rig):
    rig.limits = LimitSettings(drops_an_hour=2)
    await rig.open_coupon(ANNA)
    rig.clocks.go(60)
    await rig.open_coupon(BEN)
    with pytest.raises(TooManyRequests) as caught:
        await rig.open_coupon(ANNA)
    assert 3500 < caught.value.params["retry_after_s"] <= 3541
    await rig.open_coupon(HOST)
    rig.clocks.go(3541)
    await rig.open_coupon(ANNA)


async def test_over_the_threshold_somebody_else_has_to_approve_and_it_opens(rig):
    rig.limits = LimitSettings(approve_over_minor=10_000)
    drop_id = await rig.open(ANNA)
    assert rig.drops.drop(drop_id)["state"] == "draft"
    rig.say("early")
    await rig.drops.settled()
    drop = await rig.drops.approve(drop_id, BEN)
    assert (drop["state"], drop["approved_by"], drop["created_by"], drop["entries"]) == ("open", "阿本", "安娜", 0)
    rig.say("u1")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1


@pytest.mark.parametrize(
    "approver",
    [
        ANNA,
        Principal("安娜", "assistant", "token-other"),
        Principal("别人", "assistant", "token-anna"),
        Principal("安娜", "host", "token-x"),
    ],
)
async def test_nobody_approves_their_own_by_another_token_or_name(rig, approver):
    rig.limits = LimitSettings(approve_over_minor=1)
    drop_id = await rig.open(ANNA)
    with pytest.raises(Forbidden):
        await rig.drops.approve(drop_id, approver)
    assert rig.drops.drop(drop_id)["state"] == "draft"


async def test_approving_what_is_open_is_no_step_whoever_asks(rig):
    drop_id = await rig.open(ANNA)
    for approver in (ANNA, BEN, HOST):
        with pytest.raises(Conflict) as caught:
            await rig.drops.approve(drop_id, approver)
        assert caught.value.code == "drops.illegal_step"


async def test_a_draft_due_for_approval_cannot_be_opened_by_its_creator(rig):
    rig.limits = LimitSettings(approve_over_minor=1)
    drop_id = await rig.open(ANNA)
    with pytest.raises(Conflict) as caught:
        await rig.drops.open_draft(drop_id, ANNA)
    assert caught.value.code == "drops.approval_due"


async def test_a_draft_waits_is_approved_and_is_opened(rig):
    drop_id = await rig.open(ANNA, draft=True)
    assert rig.drops.snapshot() is None
    assert (await rig.drops.approve(drop_id, HOST))["state"] == "approved"
    with pytest.raises(Conflict):
        await rig.drops.approve(drop_id, BEN)
    assert (await rig.drops.open_draft(drop_id, ANNA))["state"] == "open"


async def test_an_approval_ends_after_ten_minutes(rig):
    rig.limits = LimitSettings(approve_over_minor=1)
    drop_id = await rig.open(ANNA, draft=True)
    await rig.drops.approve(drop_id, HOST)
    rig.clocks.go(600)
    assert rig.drops.drop(drop_id)["state"] == "draft"
    with pytest.raises(Conflict):
        await rig.drops.open_draft(drop_id, ANNA)
    await rig.drops.approve(drop_id, HOST)
    rig.clocks.go(599)
    assert (await rig.drops.open_draft(drop_id, ANNA))["state"] == "open"


async def test_an_edit_ends_an_approval(rig):
    rig.limits = LimitSettings(approve_over_minor=1)
    drop_id = await rig.open(ANNA, draft=True)
    await rig.drops.approve(drop_id, HOST)
    body = {key: value for key, value in LOTTERY.items() if key != "kind"}
    drop = await rig.drops.edit(drop_id, {**body, "title": "别的"}, ANNA)
    assert (drop["state"], drop["title"], drop["approved_by"]) == ("draft", "别的", "")
    with pytest.raises(Conflict):
        await rig.drops.open_draft(drop_id, ANNA)
    with pytest.raises(InvalidInput):
        await rig.drops.edit(drop_id, {**body, "seconds": 0}, ANNA)


async def test_who_edited_last_does_not_approve(rig):
    drop_id = await rig.open(ANNA, draft=True)
    body = {key: value for key, value in LOTTERY.items() if key != "kind"}
    await rig.drops.edit(drop_id, {**body, "title": "别的"}, BEN)
    with pytest.raises(Forbidden):
        await rig.drops.approve(drop_id, BEN)


async def test_what_is_open_cannot_be_edited(rig):
    drop_id = await rig.open()
    body = {key: value for key, value in LOTTERY.items() if key != "kind"}
    before = rig.drops.drop(drop_id)
    with pytest.raises(Conflict):
        await rig.drops.edit(drop_id, body, HOST)
    assert rig.drops.drop(drop_id) == before


async def test_a_draft_can_be_cancelled_and_has_no_proof(rig):
    drop_id = await rig.open(draft=True)
    assert (await rig.drops.cancel(drop_id, HOST))["state"] == "cancelled"
    with pytest.raises(Conflict):
        await rig.drops.proof(drop_id)
