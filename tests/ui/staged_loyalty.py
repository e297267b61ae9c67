"""What the rules give to a fan of whom nothing is known: nothing is priced, nothing was had."""

from studio.remote.surface import Body


class StagedLoyalty:
    """For the windows whose test is about something else."""

    def __init__(self, studio) -> None:
        self._studio = studio

    async def card(self, platform, fan_id, asked) -> Body:
        self._studio._ask("loyalty", platform, fan_id)
        birthday = {"birthday": None, "points": 0, "due": False, "given": False, "gift": None}
        rights = {"tier": "中级", "percent": 90, "birthday_points": 0, "rights": []}
        return {
            "redeemable": 120, "waiting": 0, "items": [], "redeemed": [], "rights": rights, "matrix": {}, "birthday": birthday, "price": None,
        }  # fmt: skip
