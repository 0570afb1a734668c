"""The promotions that another one names, by its attempt or by what drifted: docs/format.md."""

from encoding import canonical, canonical_bytes, digest, instant, later, require, unix
from told import LOOKED_FOR, TOLERANCE

MISSES = 2 * 86400
ENDS = ("blocked", "rejected", "expired", "withdrawn", "superseded", "failed", "rolled-back", "loan-ended")


def check_again(promotion, by_name, whole, others):
    """What asks again about what drifted is that candidate, with the report of its drift."""
    request, at = promotion.state["request"], promotion.records[0][1]["at"]
    of, freeze = request.get("reapproves"), promotion.state.get("freeze")
    if freeze is not None and of is None:
        return drift_unsaid(promotion, freeze, by_name)
    if freeze is None:
        return []
    drifted = by_name.get(of)
    if drifted is None:
        others.require(not whole, promotion.name, at, "what drifted is asked about again, and the log does not have it")
        return [] if whole else [f"{promotion.name}: whether it asks about what drifted is told by other records"]
    told = [each for _, each in drifted.records if each["type"] == "drift" and each["body"].get("reapproval") == promotion.name]
    others.require(bool(told), promotion.name, at, "something is asked about again that did not drift")
    if not told:
        return []
    require(instant(told[0]["at"]) <= later(at, TOLERANCE), "something is asked about again that had not drifted yet")
    found, digests = [each["sha256"] for each in told[0]["attachments"]], [promotion.state["digest"]]
    for each in freeze["evidence"]:
        if each["kind"] == "drift" and each["sha256"] in found:
            others = [one for one in freeze["evidence"] if one["name"] != each["name"]]
            digests.append(digest(canonical_bytes({**freeze, "evidence": others})))
    same = any(each["sha256"] in found for each in freeze["evidence"]) and drifted.state["digest"] in digests
    require(same, "something else is asked about again than what drifted")
    require(canonical(request.get("startedBy")) == canonical(drifted.state["request"].get("startedBy")), "what is asked about again names another who started it")
    return []


def drift_unsaid(promotion, freeze, by_name):
    """What people were shown to have drifted, and no record says so: a pipeline may bring such a report as well."""
    notes = []
    for each in freeze["evidence"]:
        if each["kind"] != "drift":
            continue
        front = f"p-{digest(canonical_bytes({**freeze, 'evidence': [one for one in freeze['evidence'] if one['name'] != each['name']]}))[:32]}-"
        those = [one for name, one in by_name.items() if name.startswith(front)]
        if those and not any("reapproval" in record["body"] for one in those for _, record in one.records if record["type"] == "drift"):
            notes.append(f"{promotion.name}: it is another candidate with a report of its drift, and no record of drift says so")
    return notes


def check_named(promotion, by_name, whole, time):
    """Whatever another promotion is named by is there: the attempt before at the same candidate, and what drift names."""
    notes, (front, attempt) = [], promotion.name.rsplit("-", 1)
    named = [(promotion.records[0][1]["at"], f"{front}-{int(attempt) - 1}", True)] if int(attempt) > 1 else []
    for each, _ in promotion.life:
        if each["type"] == "drift":
            named += [(each["at"], each["body"][key], key == "newer") for key in ("newer", "reapproval") if key in each["body"]]
    for at, other, surely in named:
        if other not in by_name:
            gone = whole and surely and time is not None and unix(at) + MISSES <= float(time)
            require(not gone, "an earlier attempt, or a candidate that drift names, is not in the log")
            notes.append(f"{promotion.name}: what became of {other} is not told here")
    check_drift_names(promotion, by_name)
    return notes


def check_drift_names(promotion, by_name):
    """What drift names as a newer candidate was one, and on its way; what it names as the approval says so itself."""
    request = lambda each: next((record for _, record in each.records if record["type"] == "request"), None)
    for each in [record for record, _ in promotion.life if record["type"] == "drift"]:
        again, newer = (by_name.get(each["body"].get(key)) for key in ("reapproval", "newer"))
        if again is not None and request(again) is not None:
            require(request(again)["body"].get("reapproves") == promotion.name, "what drift names as its new approval does not say so")
        if newer is None:
            continue
        asked, own = request(newer), request(promotion)
        if asked is not None:
            lane = lambda body: (body["model"]["name"], body["target"])
            require(lane(asked["body"]) == lane(own["body"]), "what drift names as newer is of another model or target")
            require(instant(asked["at"]) >= later(own["at"], -LOOKED_FOR), "what drift names as newer was asked for before it")
        ended = [record["at"] for _, record in newer.records if record["type"] in ENDS][:1]
        require(not ended or instant(ended[0]) >= later(each["at"], -LOOKED_FOR), "what drift names as newer had ended by then")
