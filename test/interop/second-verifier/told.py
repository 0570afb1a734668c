"""What a promotion tells by its records alone, and what others tell of it that the log may not have yet: docs/format.md."""

from encoding import Wrong, require, unix

TOLERANCE = 5
WRITTEN = 3
INDEXED = 60
CLOCKS = 60
ON_ITS_WAY = 900
LOOKED = 900 + INDEXED
LOOKED_FOR = INDEXED + TOLERANCE
FOREVER = "9999-12-31T23:59:59.999Z"


class Told:
    """What others tell of a promotion, where the log may not have it yet: each is told to it by itself."""

    def __init__(self, time):
        self.time, self.notes = time, []

    def require(self, holds, name, at, sentence):
        """That something which another says is there, of which a record of `at` says that it was."""
        soon = self.time is not None and unix(at) > float(self.time) - ON_ITS_WAY - TOLERANCE
        require(holds or soon, sentence)
        self.notes += [] if holds else [f"{name}: what is missing may be on its way to the log: {sentence}"]

    def check(self, name, at, check, *told):
        """The same of a whole check."""
        try:
            check(*told)
        except Wrong as wrong:
            self.require(False, name, at, str(wrong))


def at_of(promotion, *kinds):
    return next((record["at"] for _, record in promotion.records if record["type"] in kinds), None)


def lane_of(promotion):
    freeze = promotion.state.get("freeze")
    if freeze is None or freeze["target"]["kind"] == "policy":
        return None
    return freeze["model"]["name"], freeze["target"]["name"]


def room_of(promotion):
    """A lane, and to which place its target led; None where there is no lane."""
    if lane_of(promotion) is None:
        return None
    target = promotion.state["freeze"]["target"]
    said = [target.get(member) for member in ("kind", "cluster", "namespace", "workload", "url")]
    account = target["account"]["role"].split(":")[4] if "account" in target else None
    endpoint = target["endpoint"] if target["kind"] in ("pipeline", "webhook") else target["endpoint"].lower()
    return (*lane_of(promotion), *said, account, endpoint)
