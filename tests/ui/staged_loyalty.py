"""What the rules give to a fan of whom nothing is known: nothing is priced, nothing was had."""

from studio.remote.surface import Body


class StagedLoyalty:
    """For the windows whose test is about something else."""

    def __init__(self, studio) -> None:
        self._studio = studio

    async def card(self, platform, fan_id, asked) -> Body:
        self._studio.ask("loyalty", platform, fan_id)
        birthday = {"birthday": None, "points": 0, "due": False, "given": False, "gift": None}
        rights = {"tier": "中级", "percent": 90, "birthday_points": 0, "rights": []}
        return {
            "redeemable": 120, "waiting": 0, "items": [], "redeemed": [], "rights": rights, "matrix": {}, "birthday": birthday, "price": None,
        }  # fmt: skip

    async def birthdays(self, days) -> Body:
        self._studio.ask("birthdays", days)
        return {"rows": self._studio.born}

    async def give_birthday(self, platform, fan_id, body, by) -> Body:
        self._studio.ask("give_birthday", platform, fan_id, body["click_id"])
        row = next(one for one in self._studio.born if one["id"] == fan_id)
        row |= {"due": False, "given": True}
        return {"points": 170, "given": row["points"]}
