"""What was announced about what runs is what the rule asks for, and is done: docs/format.md."""

import re

from encoding import canonical, instant, later, require, unix
from people import remedies

TOLERANCE = 5
LONGEST_RUN = 900
DAY = 86400
FURTHER = ("keep", "previous", "stop")
REFUSED = ("blocked", "rejected", "expired", "withdrawn", "failed", "rolled-back", "loan-ended")
OUTCOMES = (*REFUSED, "deployed", "loan-ratified", "superseded")
DECIDED = ("stage-decided", "loan", "held", "verdict", "deployment-started", "deployed", "loan-ratified")
IN_PLACE = {
    "deployment-started": "under-way", "deployed": "serves", "loan-running": "serves", "loan-ratified": "serves",
    "rolled-back": "gone", "failed": "gone", "loan-taken-back": "gone",
}


def check_announced(pack, promotions, whole, time):
    """Answers what only a record's own word tells."""
    notes, by_name = [], {each.name: each for each in promotions}
    for record in pack.records.values():
        if record["type"] == "intruder-found" and "promotion" not in record:
            require(record["body"]["action"] == "report", "something is said to be taken back where nothing that was approved should run")
    deployments = [(index, record) for index, record in sorted(pack.records.items()) if record["type"] == "deployment-started"]
    told = whole or pack.manifest["scope"]["kind"] == "since"
    for each in promotions:
        notes += check_rules(pack, each)
        for announced in left_open(each):
            notes += check_begun(each, announced, by_name, deployments, told, time)
    return notes


def history_of(promotion):
    return [(index, record) for index, record in promotion.records if re.fullmatch("[^/]+/[0-9]+", record["id"])]


def check_rules(pack, promotion):
    drifts = [record for _, record in history_of(promotion) if record["type"] == "drift"]
    said = [(record, drift_of(record["body"])) for record in drifts[:1]]
    require(all(drift_of(each["body"]) == said[0][1] for each in drifts), "something else was announced when a model drifted again")
    for _, record in promotion.records:
        if record["type"] != "intruder-found":
            continue
        own = is_its_own(promotion, record)
        require(own != "nothing" or record["body"]["action"] == "report", "something is said to be taken back where nothing that was approved should run")
        said += [(record, (record["body"]["action"],))] if own == "by-rule" and record["body"]["kind"] != "missing" else []
    notes, freeze = [], promotion.state.get("freeze")
    for record, announced in said:
        asks_for = lambda rule: rule_of(rule, record["at"])[0 if record["type"] == "drift" else 1]
        if not pack.versions:
            same = announced == asks_for(promotion.state["requirements"]["rule"])
            notes += [] if same else [f"{promotion.name}: what '{record['id']}' announces is not what its own requirements ask for"]
            continue
        asked = [remedies(pack.document(one, "policies.json"), freeze["model"]["type"], freeze["target"]["name"]) for one in pack.in_force_at(record["at"])]
        if None in asked:
            notes.append(f"{promotion.name}: what '{record['id']}' announces was not held against the policies in force then")
            continue
        fits = any(announced == asks_for(rule) for rules in asked for rule in rules or [{}])
        if not fits and pack.may_be_on_its_way(record["at"]):
            notes.append(f"{promotion.name}: what '{record['id']}' announces was not held against policies of which the log does not tell yet")
            continue
        require(fits, f"'{record['id']}' announces something else than the policies in force then ask for")
    return notes


def drift_of(body):
    by = body.get("reapproveBy")
    return body.get("action", "keep"), body.get("unlessReapproved"), None if by is None else instant(by)


def rule_of(rule, at):
    """What a rule asks for where a model drifts at an instant, and where an intruder is found."""
    unless = rule.get("ifNotReapproved")
    by = None if unless is None else later(at, rule["expiresAfterSeconds"])
    return (rule.get("onDrift", "keep"), unless, by), (rule.get("onIntruder", "report"),)


def is_its_own(promotion, record):
    """Whether the promotion is what should run where something was found: then its rule says what is done."""
    target, place, at = promotion.state["freeze"]["target"], record["body"]["place"], record["at"]
    if place != {"kind": target["kind"], "target": target["name"], "endpoint": target["endpoint"]}:
        return "nothing"
    before = [status for each, status in promotion.life if instant(each["at"]) < later(at, -LONGEST_RUN)][-1:] or [None]
    since = [status for each, status in promotion.life if later(at, -LONGEST_RUN) <= instant(each["at"]) <= later(at, TOLERANCE)]
    ran = [status in ("deployed", "restricted") for status in before + since]
    return "by-rule" if all(ran) else "unsure" if any(ran) else "nothing"


def left_open(promotion):
    """What is announced and not said to be done: what, since when, unless which approval, by when, and when it began."""
    found, history = [], [record for _, record in history_of(promotion)]
    drifts = [each for each in history if each["type"] == "drift"]
    if promotion.status == "restricted" and drifts:
        action, unless, _ = drift_of(drifts[0]["body"])
        by = drifts[0]["body"].get("reapproveBy")
        asked = [each["body"]["reapproval"] for each in drifts if "reapproval" in each["body"]][-1:]
        remedies_told = [each for each in history if each["type"] == "remedy"]

        def due(what, because, approval=None, by=None):
            own = [each for each in remedies_told if each["body"]["because"] == because or further(each["body"]["remedy"], what)]
            done = any(each["body"]["state"] == "done" for each in own)
            return [] if done else [(what, drifts[0]["at"], approval, by, own[0]["at"] if own else None)]

        found += due(action, "drift") if action != "keep" else []
        if unless is not None and (asked or by is not None) and further(unless, action):
            found += due(unless, "not-reapproved", asked[0] if asked else None, by)
    if promotion.status in ("restricted", "deployed"):
        latest = {canonical(each["body"]["place"]): each for _, each in promotion.records if each["type"] == "intruder-found"}
        for each in latest.values():
            about = lambda kind: [one["at"] for _, one in promotion.records if one["type"] == kind and one["body"]["found"] == each["id"]]
            if each["body"]["action"] == "take-back" and not about("intruder-gone"):
                found.append(("take-back", each["at"], None, None, (about("take-back") or [None])[0]))
    return found


def further(first, second):
    return FURTHER.index(first) > FURTHER.index(second)


def check_begun(promotion, announced, by_name, deployments, told, time):
    what, since, unless, by, begun = announced
    if unless is not None or by is not None:
        records = [record for _, record in by_name[unless].records] if unless in by_name else []
        if unless is not None and not records and not told:
            return [f"{promotion.name}: whether '{what}' was due is told by {unless}"]
        outcome = [record for record in records if record["type"] in OUTCOMES][-1:]
        due = outcome[0]["at"] if outcome and outcome[0]["type"] in REFUSED else None if is_granted(records) else by
        if due is None or due == by and time is not None and unix(by) > float(time):
            return []
        since = max(since, due)
    rival = rival_of(promotion, by_name, deployments)
    if rival == "took":
        return []
    if begun is not None:
        return [f"{promotion.name}: '{what}' began at {begun}, and is not said to be done"]
    since = max(since, rival or "") if rival != "unsure" else since
    overdue = time is not None and unix(since) + DAY <= float(time)
    sure = told and rival != "unsure" and promotion.state["freeze"]["target"]["kind"] != "pipeline"
    require(not overdue or not sure, f"'{what}' was announced, and nothing says that it began")
    return [f"{promotion.name}: '{what}' was announced, and is not said to have begun"]


def is_granted(records):
    """Whether people gave an approval, or are about to have, and nobody refused it."""
    last = [each["type"] for each in records if each["type"] in DECIDED or each["type"] in ("stage-opened", "seat-reopened", "superseded")][-1:]
    lent = any(each["type"] == "loan" for each in records)
    return bool(last) and (last[0] in DECIDED or last[0] == "stage-opened" and lent)


def rival_of(promotion, by_name, deployments):
    """What else was deployed in its place since: it took it, it may have, or when the last of it was gone."""
    target = promotion.state["freeze"]["target"]
    own = [index for index, record in deployments if record["promotion"] == promotion.name]
    found = None
    for index, record in deployments:
        other = record["promotion"]
        if not own or index <= own[-1] or other == promotion.name or record["body"]["endpoint"].lower() != target["endpoint"].lower():
            continue
        records = [each for _, each in by_name[other].records]
        state, at = in_place(records)
        left = left_to(records, at)
        if (state == "serves" or left is not None and left != promotion.name) and records[0]["body"]["target"] == target["name"]:
            return "took"
        if state != "gone":
            found = "unsure"
        elif found != "unsure":
            found = max(found or "", at)
    return found


def left_to(records, at):
    """What serves where something was taken out of service because of its drift."""
    remedies = [each for each in records if each["type"] == "remedy"]
    done = [each for each in remedies if each["body"]["state"] == "done" and each["at"] == at]
    if not done:
        return None
    if done[0]["body"]["remedy"] == "stop":
        return "nothing"
    begun = [each["body"].get("to") for each in remedies if each["body"]["state"] == "started"]
    return begun[-1] if begun else None


def in_place(records):
    state = at = None
    for record in records:
        now = IN_PLACE.get(record["type"])
        if record["type"] == "seat-reopened" and "breach" in record["body"] or record["type"] == "remedy" and record["body"]["state"] == "done":
            now = "gone"
        if now is not None and (state is not None or now == "under-way"):
            state, at = now, record["at"]
    return state, at
