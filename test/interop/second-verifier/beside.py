"""What promotions say of each other, held against the records of those others: docs/format.md."""

from encoding import canonical, instant, later, require

TOLERANCE = 5
INDEXED = 60


def check_beside(promotions, whole):
    """What stands `beside the others of the log`, and what was kept from another. Answers what only a record's own word tells."""
    by_name = {each.name: each for each in promotions}
    notes = []
    for each in promotions:
        notes += check_kept(each, by_name, whole)
    if whole:
        check_releases(promotions)
    return notes


def at_of(promotion, *kinds):
    return next((record["at"] for _, record in promotion.records if record["type"] in kinds), None)


def lane_of(promotion):
    freeze = promotion.state.get("freeze")
    if freeze is None or freeze["target"]["kind"] == "policy":
        return None
    return freeze["model"]["name"], freeze["target"]["name"]


def check_releases(promotions):
    """A release is the first of its model and target, or an update, as the log tells."""
    first = {}
    for each in promotions:
        at, lane = at_of(each, "deployed", "loan-ratified"), lane_of(each)
        if at is not None and lane is not None:
            first[lane] = min(first.get(lane, at), at)
    for each in promotions:
        lane, release = lane_of(each), each.state["request"].get("release")
        if lane is None or release is None:
            continue
        asked, known = at_of(each, "request"), first.get(lane)
        if release == "update":
            require(known is not None and instant(known) <= later(asked, TOLERANCE), "an update was asked for, and nothing had been deployed before")
        else:
            require(known is None or instant(known) >= later(asked, -INDEXED), "a first release was asked for, and something had been deployed before")


def check_kept(promotion, by_name, whole):
    """A sign-off that is kept from another promotion stood there until its place was taken."""
    told = [record for _, record in promotion.records if record["type"] == "supersedes"]
    for _, record in promotion.records:
        if record["type"] != "sign-off-kept" or not any(canonical(record["body"]["signOff"]) in canonical(each["body"]["kept"]) for each in told):
            continue
        older = by_name.get(record["body"]["from"])
        if older is None:
            require(not whole, "a sign-off is kept from a promotion that the log does not have")
            return [f"{promotion.name}: whether what was kept still stood is told by other records"]
        check_stood(older, promotion.name, record, told[0]["at"])
    return []


def check_stood(older, newer, record, at):
    body = record["body"]
    by = next((each["body"]["by"] for _, each in older.records if each["type"] == "superseded"), None)
    require(by == newer, "a sign-off is kept from a promotion whose place was not taken")
    given = [each for each in older.own if each["signOff"] == body["signOff"] and each["result"] == "approve"]
    require(len(given) == 1, "a sign-off is kept that nobody gave")
    documents = {each["name"]: each["sha256"] for each in record["attachments"]}
    mark = "original-beside-"
    beside = {name[len(mark):]: sha for name, sha in documents.items() if name.startswith(mark)}
    same = given[0]["at"] == body["recordedAt"] and given[0]["envelope"] == documents["sign-off.dsse.json"]
    require(same and older.state["gates"][body["review"]]["beside"] == beside, "a sign-off is kept otherwise than it was given")
    require(instant(until(older, given[0])) > later(at, -TOLERANCE), "a sign-off is kept that did not stand any more")
    for each in older.own:
        stood = each["result"] == "reject" and instant(each["at"]) <= later(at, -TOLERANCE)
        require(not stood or instant(until(older, each)) <= later(at, TOLERANCE), "an approval outlives a rejection that stood")


FOREVER = "9999-12-31T23:59:59.999Z"


def until(promotion, given):
    """When a sign-off stopped to count in its promotion."""
    review, places, people = 1, [(given["review"], given["stage"])], promotion.people_of_tokens()
    ended = FOREVER
    for _, record in promotion.records:
        body = record["body"]
        if record["type"] != "seat-reopened":
            continue
        if given["signOff"] in [each if isinstance(each, str) else each["signOff"] for each in body["fallen"]]:
            ended = record["at"]
            break
        if "from" not in body:
            continue
        review += 1
        if places[-1][0] != review - 1:
            continue
        again = [
            (kept["review"], kept["stage"]) for _, each in promotion.records if each["type"] == "seat-reopened"
            for kept in each["body"].get("kept", []) if kept["signOff"] == given["signOff"] and kept["review"] == review
        ]
        if not again:
            ended = record["at"]
            break
        places += again
    after = lambda each: (each["at"], each["result"] != "reject", each["signOff"])
    own = people.of(given["reviewer"])
    changed = [
        each["at"] for each in promotion.own
        if after(each) > after(given) and people.of(each["reviewer"]) == own and (each["review"], each["stage"]) in places
    ]
    return min([ended, *changed])
