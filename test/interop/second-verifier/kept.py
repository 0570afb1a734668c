"""What is kept from another promotion, held against the records of that: docs/format.md."""

from encoding import canonical, instant, later, require
from quorum import People
from told import CLOCKS, FOREVER, TOLERANCE, WRITTEN, at_of, lane_of


def check_kept(promotion, by_name, whole, others):
    """A sign-off that is kept from another promotion stood there until its place was taken, and no other had to take that before."""
    told = [record for _, record in promotion.records if record["type"] == "supersedes"]
    for _, record in promotion.records:
        if record["type"] != "sign-off-kept" or not any(canonical(record["body"]["signOff"]) in canonical(each["body"]["kept"]) for each in told):
            continue
        older = by_name.get(record["body"]["from"])
        if older is None:
            # All that is kept is from this one.
            others.require(not whole, promotion.name, told[0]["at"], "a sign-off is kept from a promotion that the log does not have")
            return [] if whole else [f"{promotion.name}: whether what was kept still stood is told by other records"]
        if not any(each["type"] == "superseded" for _, each in older.records):
            others.require(False, promotion.name, told[0]["at"], "a sign-off is kept from a promotion whose place was not taken")
            continue
        check_stood(older, promotion, record, told[0]["at"])
        check_last(older, promotion, by_name, told[0]["at"])
    return []


def check_last(older, newer, by_name, at):
    """Nothing that was asked for in between was through its gates: whoever approved the older one may have rejected that since."""
    rank = lambda each: (at_of(each, "request"), each.name)
    for each in by_name.values():
        if lane_of(each) != lane_of(newer) or not rank(older) < rank(each) < rank(newer):
            continue
        ahead = at_of(each, "stage-opened", "shadow-run")
        through = ahead is not None and instant(ahead) <= later(at, -CLOCKS)
        require(not through, "a sign-off is kept from an older candidate than the last that was through its gates")


def people_then(older, newer):
    """Whose decision is whose in the older promotion, by people.yaml of the policies of the newer one by which its place was taken."""
    tokens = older.people_of_tokens()
    place = next(index for index, each in newer.records if each["type"] == "supersedes")
    lists = [entries for index, entries in newer.named if index <= place]
    return (People(tokens.members, lists[-1]) if lists else tokens), bool(lists)


def check_stood(older, newer, record, at):
    body, (people, told) = record["body"], people_then(older, newer)
    by = next((each["body"]["by"] for _, each in older.records if each["type"] == "superseded"), None)
    require(by == newer.name, "a sign-off is kept from a promotion whose place was not taken")
    given = [each for each in older.own if each["signOff"] == body["signOff"] and each["result"] == "approve"]
    require(len(given) == 1, "a sign-off is kept that nobody gave")
    documents = {each["name"]: each["sha256"] for each in record["attachments"]}
    mark = "original-beside-"
    beside = {name[len(mark):]: sha for name, sha in documents.items() if name.startswith(mark)}
    same = given[0]["at"] == body["recordedAt"] and given[0]["envelope"] == documents["sign-off.dsse.json"]
    require(same and older.state["gates"][body["review"]]["beside"] == beside, "a sign-off is kept otherwise than it was given")
    require(instant(until(older, given[0], people)) > later(at, -TOLERANCE - WRITTEN), "a sign-off is kept that did not stand any more")
    latest = max(each["at"] for each in older.own)
    for each in older.own:
        # Where people.yaml was left out, whoever decided later may be whoever rejected.
        stood = each["result"] == "reject" and (told or each["at"] == latest) and instant(each["at"]) <= later(at, -TOLERANCE)
        require(not stood or instant(until(older, each, people)) <= later(at, TOLERANCE), "an approval outlives a rejection that stood")


def until(promotion, given, people):
    """When a sign-off stopped to count in its promotion."""
    review, places = 1, [(given["review"], given["stage"])]
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
