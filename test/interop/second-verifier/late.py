"""What came to the log late, and what had to wait for it: docs/format.md."""

import re

from encoding import canonical_bytes, digest, require, unix
from told import ON_ITS_WAY, TOLERANCE


def check_late(promotion, late):
    """What had to wait for a record that was long on its way waited by the log as well, where that could have shown it."""
    history = [(index, record) for index, record in promotion.records if re.fullmatch("[^/]+/[0-9]+", record["id"])]
    unsure = [record["id"] for index, record in history if index in late]
    for index, record in history:
        if index not in late:
            continue
        earliest = late[index] - ON_ITS_WAY
        for seconds, until_then in waits_from(promotion, index, record, history):
            at = float(unix(until_then))
            require(at < earliest or at + TOLERANCE >= earliest + seconds, f"'{record['id']}' came late, and what had to wait for it did not")
    return [f"{promotion.name}: its records alone say that they were so early: {', '.join(unsure)}"] if unsure else []


def waits_from(promotion, index, record, history):
    body, following = record["body"], [each for number, each in history if number > index]
    first = lambda *kinds: [each["at"] for each in following if each["type"] in kinds][:1]
    if record["type"] == "stage-opened":
        gates = promotion.state["gates"][body["review"]]
        minimum = gates["requirements"]["rule"]["stages"][body["stage"]]["minimumReviewSeconds"]
        given = sorted(
            each["at"] for each in promotion.own
            if each["result"] == "approve" and (each["review"], each["stage"]) == (body["review"], body["stage"]) and each["at"] >= record["at"]
        )
        return [(minimum, at) for at in given[:1] if minimum] + escalated(promotion, record, history)
    if record["type"] == "deployment-started":
        least = max(body.get("conditions", {}).get("forSeconds", 0), body["release"].get("watchSeconds", 0))
        return [(least, at) for at in first("deployed") if least]
    if record["type"] == "shadow-run" and body["state"] == "running":
        begun = [each for number, each in history if number < index and each["type"] == "shadow-run" and each["body"]["state"] == "started"][-1]
        plans = [each["requirements"]["rule"].get("shadow") for each in promotion.state["gates"].values()]
        own = [each for each in plans if each is not None and digest(canonical_bytes(each)) == begun["body"]["plan"]][:1]
        over = [each["at"] for each in following if each["type"] == "shadow-run" and each["body"]["state"] == "over"][:1]
        return [(min(plan["durationSeconds"], plan["withinSeconds"]), at) for plan in own for at in over]
    if record["type"] == "traffic-shifted":
        begun = [each for number, each in history if number < index and each["type"] == "deployment-started"][-1]
        held = [each["waitSeconds"] for each in begun["body"]["release"]["traffic"]["steps"] if each["percent"] == body["percent"]]
        return [(held[0], at) for at in first("traffic-shifted", "deployed")]
    return []


def escalated(promotion, record, history):
    """The first seat of a stage that is filled by its escalation alone, which counts from its first opening."""
    wanted = (record["body"]["review"], record["body"]["stage"])
    openings = [each for _, each in history if each["type"] == "stage-opened" and (each["body"]["review"], each["body"]["stage"]) == wanted]
    rule = promotion.state["gates"][wanted[0]]["requirements"]["rule"]
    if "escalation" not in rule or openings[0] is not record:
        return []
    seats = {(seat["signOff"], seat["role"]) for _, each in history if each["type"] == "stage-decided" for seat in each["body"]["seats"]}
    given = sorted(
        each["at"] for each in promotion.own for sign_off, role in seats
        if each["signOff"] == sign_off and role not in each["roles"] and (each["review"], each["stage"]) == wanted
    )
    return [(rule["escalation"]["afterSeconds"], at) for at in given[:1]]
