"""What a candidate was compared with, held against what served there then: docs/format.md."""

from encoding import instant, later, parse, read_canonical, require
from told import FOREVER, TOLERANCE, at_of, lane_of

COMPARED = "earlier-releases.json"


def named(record, document):
    return record["type"] in ("gates", "blocked") and any(each["name"] == document for each in record["attachments"])


def served_in(promotions):
    """Which promotions were deployed by model and target, and from when until when each served."""
    served = {}
    for each in promotions:
        at, lane = at_of(each, "deployed", "loan-ratified"), lane_of(each)
        if at is not None and lane is not None:
            served.setdefault(lane, []).append({
                "name": each.name, "asked": each.records[0][0], "digest": each.state["digest"], "version": each.state["freeze"]["model"]["version"],
                "from": at, "until": at_of(each, "drift", "rolled-back") or FOREVER,
            })
    return served


def check_compared(promotions, served, told, whole):
    """What a candidate was compared with served in its target then, and nothing that did is passed over."""
    for each in promotions:
        others = [one for one in served.get(lane_of(each), []) if one["name"] != each.name]
        for _, record in each.records:
            if named(record, COMPARED):
                told.check(each.name, record["at"], check_comparison, each.pack, record, others, whole)


def check_comparison(pack, record, others, whole):
    least, most = later(record["at"], -TOLERANCE), later(record["at"], TOLERANCE)
    thresholds = parse(pack.document(record, "requirements.json"))["gates"]["thresholds"]
    asked, told = thresholds["champion"]["releases"], []
    releases = read_canonical(pack.document(record, COMPARED))["releases"]
    surely = [one for one in others if instant(one["from"]) <= least and instant(one["until"]) > most]
    if not whole:
        known = [(each["version"], each["freezeDigest"], each["deployedAt"]) for each in releases]
        passed_over = len(known) < asked and any((one["version"], one["digest"], one["from"]) not in known for one in surely)
        require(not passed_over, "a candidate was not compared with what served then")
        return
    for release in releases:
        said = (release["version"], release["freezeDigest"], release["deployedAt"])
        same = [
            one for one in others
            if (one["version"], one["digest"], one["from"]) == said and one not in told
            and instant(one["from"]) <= most and instant(one["until"]) > least
        ]
        require(same, "a candidate was compared with what did not serve then")
        told.append(same[0])
    order = [one["from"] for one in told]
    require(len(told) <= asked and order == sorted(order, reverse=True), "a candidate was compared with other releases than the last")
    for one in surely:
        if one in told:
            continue
        before = [each for each in told if each["from"] >= one["from"] or each["asked"] > one["asked"]]
        require(len(before) >= asked, "a candidate was not compared with what served then")
