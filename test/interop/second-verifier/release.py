"""Conditions on a release, and what its target said: docs/format.md."""

import math

from encoding import canonical, later, read_canonical, require

KINDS = ("trafficPercent", "errorPercent", "p95Milliseconds")
LONGEST = 7 * 86_400


def check_form(conditions):
    require("forSeconds" in conditions and set(conditions) <= {"forSeconds", *KINDS} and len(conditions) > 1, "conditions are not in their form")
    numbers = all(type(value) in (int, float) for value in conditions.values())
    whole = numbers and all(type(conditions.get(name, 1)) is int for name in ("forSeconds", "trafficPercent", "p95Milliseconds"))
    require(
        whole and 60 <= conditions["forSeconds"] <= 180 * 86_400 and 1 <= conditions.get("trafficPercent", 1) <= 50
        and 0 < conditions.get("errorPercent", 1) <= 100 and 1 <= conditions.get("p95Milliseconds", 1) <= 60_000,
        "conditions ask for what nobody may ask for",
    )


def in_force(asked):
    """The strictest of what several approvals ask, or None."""
    if not asked:
        return None
    of_traffic = [each for each in asked if "trafficPercent" in each]
    found = {"forSeconds": max(each["forSeconds"] for each in asked)}
    if of_traffic:
        found["traffic"] = {
            "percent": min(each["trafficPercent"] for each in of_traffic),
            "forSeconds": max(each["forSeconds"] for each in of_traffic),
        }
    for name in ("errorPercent", "p95Milliseconds"):
        bounds = [each[name] for each in asked if name in each]
        if bounds:
            found[name] = min(bounds)
    return found


def check_allowed(asked, rule):
    limits = rule.get("conditions", {})
    require(limits != "forbidden", "an approval has conditions, and the rule takes none")
    allowed = limits.get("allowed", KINDS)
    for each in asked:
        require(all(name in allowed for name in each if name != "forSeconds"), "a condition is of a kind that the rule does not take")
        require(each["forSeconds"] <= limits.get("maximumSeconds", LONGEST), "a condition is for longer than the rule lets it be")


def check_target(conditions, target, first):
    """Whether the target can keep them; the waits of a release in steps are held against its own record."""
    kinds = ("sagemaker-endpoint", "sagemaker-inference-component", "kubernetes")
    require(target["kind"] in kinds, "the target cannot keep conditions")
    traffic = conditions.get("traffic")
    if target["kind"] == "kubernetes":
        metrics = target.get("metrics")
        bounds = "errorPercent" in conditions or "p95Milliseconds" in conditions
        require(not bounds or metrics is not None, "the target cannot keep conditions on what it does not measure")
        require("p95Milliseconds" not in conditions or "p95Seconds" in metrics, "the target does not measure how fast it answers")
        ours = target["workload"] != "deployment" and "traffic" in target
        require(traffic is None or ours, "the target cannot hold a part of the traffic")
    elif traffic is not None:
        require(target["kind"] == "sagemaker-endpoint", "no copy of an inference component holds a part of the traffic")
        require("serverless" not in target, "a serverless endpoint cannot hold a part of the traffic")
        require(not target["instanceType"].startswith("ml.inf1."), "on Inf1 instances all traffic moves at once")
    require(traffic is None or not first, "there is nothing that could have the rest of the traffic")


def first_part(shifted):
    if shifted["kind"] == "weights":
        return shifted["steps"][0]["percent"]
    return shifted["percent"] if shifted["kind"] in ("canary", "linear") else 100


def held_for(shifted, percent):
    """Seconds for which a release gives no more than that part."""
    if shifted["kind"] != "weights":
        return shifted["waitSeconds"]
    seconds = 0
    for step in shifted["steps"]:
        if step["percent"] > percent:
            break
        seconds += step["waitSeconds"]
    return seconds


def check_share(started, body, at, tolerance):
    """Parts of the requests come in the order of the release, each held for its time."""
    steps = started["steps"]
    number = len(started["shares"])
    require(number < len(steps) and steps[number]["percent"] == body["percent"], "a part of the requests was given that is not its turn")
    check_held(started, at, tolerance)
    started["shares"].append(at)


def check_held(started, at, tolerance):
    if started["shares"]:
        wait = started["steps"][len(started["shares"]) - 1]["waitSeconds"]
        require(later(at, tolerance) >= later(started["shares"][-1], wait), "a part of the requests was held for less than its time")


def check_release(conditions, release):
    """Whether a release as it was recorded is as careful as its conditions ask."""
    traffic, shifted = conditions.get("traffic"), release["traffic"]
    if traffic is not None:
        require(first_part(shifted) <= traffic["percent"], "a release gave more traffic to the model than its condition")
        held = held_for(shifted, traffic["percent"])
        require(held >= traffic["forSeconds"], "a release held its first part for less time than its condition")
    require(release.get("watchSeconds", 0) >= conditions["forSeconds"], "a release was watched for less time than its condition")
    alarms = release.get("alarms", {})
    own = alarms if alarms.get("kind") == "own" else alarms.get("own", {})
    for name in ("errorPercent", "p95Milliseconds"):
        if name in conditions:
            require(own.get(name, float("inf")) <= conditions[name], "a release had no alarm for its condition")


def those_that_fall(state, sign_offs):
    """The approvals that fall when a release under conditions is taken back."""
    roles = state["requirements"]["roles"]

    def concerned(names):
        judging = [roles[name]["judges"] for name in names if name in roles]
        return not judging or any(not each or "model" in each for each in judging)

    return sorted(
        each["signOff"] for each in sign_offs
        if each["review"] == state["review"] and each["result"] == "approve" and each["signOff"] not in state["invalidated"]
        and ("conditions" in each or concerned(each["roles"]))
    )


PROVISIONING = 1800
LONGEST_ROLLING = 28_800


def latest_end(at, release, target, back):
    """By when a release has ended that began then; `back`: when it began to go back, if it did."""
    traffic = release["traffic"]
    kind, wait = traffic["kind"], traffic.get("waitSeconds")
    batches = -(-traffic["of"] // traffic["copies"]) if kind == "rolling" else 1
    waits = {
        "all-at-once": lambda: wait, "canary": lambda: 2 * wait, "linear": lambda: -(-100 // traffic["percent"]) * wait,
        "rolling": lambda: batches * wait, "weights": lambda: sum(each["waitSeconds"] for each in traffic["steps"]),
    }[kind]()
    provisioning = PROVISIONING * (2 if kind == "weights" else batches)
    longest = min(waits + provisioning, LONGEST_ROLLING) if kind == "rolling" else waits + provisioning
    if back is not None:
        return later(back, provisioning if kind == "weights" else longest)
    theirs = target["withinSeconds"] if target["kind"] in ("pipeline", "webhook") else 0
    return later(at, theirs + max(longest, release.get("watchSeconds", 0) + PROVISIONING))


SAID = {"traffic-shifted": "sharing", "deployed": "serving", "rolled-back": "returned", "failed": "displaced", "seat-reopened": "returned"}


def check_told(pack, record, of_policies):
    """What the target said is kept where a record tells of a deployment, and is what the record says."""
    if record["type"] == "freeze":
        return
    kept = any(each["name"] == "deployment.json" for each in record["attachments"])
    must = record["type"] in ("traffic-shifted", "deployed", "rolled-back", "rollback") and not of_policies or "breach" in record["body"]
    require(kept or not must, f"'{record['id']}' does not keep what the target said")
    if not kept:
        return
    told = read_canonical(pack.document(record, "deployment.json"))
    require(isinstance(told, dict) and isinstance(told.get("progress"), str), f"'{record['id']}' does not say how far it came")
    require(told.get("readAt") == record["at"], f"'{record['id']}' brings what the target said at another time")
    if record["type"] in SAID:
        said = told["progress"]
        require(said == SAID[record["type"]], f"'{record['id']}' is not what the target said, which is '{said}'")


def is_reading(value):
    return isinstance(value, dict) and all(isinstance(value.get(name, other), str) for name, other in (("name", None), ("state", None), ("raisedAt", "")))


def check_watched(pack, record, kind, release):
    """What watched it, as its own document says, let it come so far."""
    if kind not in ("sagemaker-endpoint", "sagemaker-inference-component", "kubernetes"):
        return
    told, alarms = read_canonical(pack.document(record, "deployment.json")), release.get("alarms", {})
    own = alarms.get("own", {}) if alarms.get("kind") == "named" else alarms
    bounds = {name: own[name] for name in ("errorPercent", "p95Milliseconds") if name in own}
    if kind == "kubernetes":
        said = told.get("measured")
        require(not bounds or said is not None, f"'{record['id']}' does not say what was measured")
        if bounds and said.get("requests", 0) > 0:
            require(100 * said.get("errors", 0) / said["requests"] <= bounds.get("errorPercent", 100), f"'{record['id']}' answered with more errors than its bound")
            require("p95Milliseconds" not in bounds or said.get("p95Milliseconds", math.inf) <= bounds["p95Milliseconds"], f"'{record['id']}' answered slower than its bound")
        return
    readings = told.get("alarms", [])
    require(isinstance(readings, list) and all(map(is_reading, readings)), f"'{record['id']}' does not say how its alarms stood in a form that is known")
    require(all(each["state"] not in ("ALARM", "missing") and "raisedAt" not in each for each in readings), f"'{record['id']}' went on although an alarm was raised or gone")
    ends = [end for name, end in (("errorPercent", "errors"), ("p95Milliseconds", "latency")) if name in bounds]
    parts = ("-share", "") if release["traffic"]["kind"] == "weights" else ("",)
    names = alarms.get("names", []) + [f"countersign-{record['promotion']}{part}-{end}" for part in parts for end in ends]
    require(set(names) <= {each["name"] for each in readings}, f"'{record['id']}' does not say how its alarms stood")


def check_time(conditions, started, at, tolerance):
    require(later(at, tolerance) >= later(started, conditions["forSeconds"]), "a release was not watched for the time of its condition")


def same(one, other):
    return canonical(one) == canonical(other)
