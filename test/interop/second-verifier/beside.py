"""What promotions say of each other, held against the records of those others: docs/format.md."""

import re

from encoding import Wrong, canonical, canonical_bytes, digest, instant, later, parse, read_canonical, require, unix
from found import check_found
from quorum import People

TOLERANCE = 5
WRITTEN = 3
INDEXED = 60
CLOCKS = 60
ON_ITS_WAY = 900
MISSES = 2 * 86400
LOOKED = 900 + INDEXED
LOOKED_FOR = INDEXED + TOLERANCE
ENDS = ("blocked", "rejected", "expired", "withdrawn", "superseded", "failed", "rolled-back", "loan-ended")
COMPARED = "earlier-releases.json"


def check_beside(promotions, whole, late, time):
    """What stands `beside the others of the log`, and what was kept from another. Answers what only a record's own word tells."""
    by_name = {each.name: each for each in promotions}
    told = Told(time)
    notes = told.notes
    for each in promotions:
        notes += check_kept(each, by_name, whole, told) + check_again(each, by_name, whole, told) + check_named(each, by_name, whole, time)
        notes += check_late(each, late)
    check_put_back(promotions, by_name, whole, told)
    # What two say that are both there no third takes back.
    check_drifted(promotions, told)
    check_releases(promotions, told, whole)
    check_overtaken(promotions, told, whole)
    check_passports_in_turn(promotions, told)
    check_upon_lent(promotions, told)
    check_succession(by_name, told, whole)
    check_compared(promotions, served_in(promotions), told, whole)
    if whole:
        notes += check_beside_nothing(promotions, told) + check_found(promotions, room_of)
    elif any("release" in each.state["request"] for each in promotions):
        notes.append("whether releases were the first of their model and target, or updates, and none newer was before them is told by the whole log")
    if not whole and any(named(record, COMPARED) for each in promotions for _, record in each.records):
        notes.append("whether candidates were compared with what served then is told by the whole log")
    if not whole and any(each.beside_nothing is not None for each in promotions):
        notes.append("whether nothing ran where a candidate was to run in shadow is told by the whole log")
    return notes


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


def check_releases(promotions, told, whole):
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
        if release == "update" and not whole:
            continue
        if release == "update":
            before = known is not None and instant(known) <= later(asked, TOLERANCE)
            told.require(before, each.name, asked, "an update was asked for, and nothing had been deployed before")
        else:
            require(known is None or instant(known) >= later(asked, -INDEXED), "a first release was asked for, and something had been deployed before")


def check_drifted(promotions, told):
    """Of what was deployed and not taken back, a monitor's report is about what was asked for last."""
    for each in promotions:
        at = at_of(each, "drift") if at_of(each, "deployed", "loan-ratified") else None
        for other in promotions if at is not None else ():
            if lane_of(other) is None or lane_of(other) != lane_of(each) or at_of(other, "request") <= at_of(each, "request"):
                continue
            deployed = [place for place, (record, _) in enumerate(other.life) if record["type"] in ("deployed", "loan-ratified")]
            gone = [record["at"] for record, status in other.life[deployed[0]:] if status not in ("deployed", "restricted")] if deployed else []
            ran = deployed and instant(other.life[deployed[0]][0]["at"]) <= later(at, -LOOKED) and not (gone and instant(gone[0]) <= later(at, TOLERANCE))
            told.require(not ran, each.name, at, "something is said to have drifted, and another ran in its place")


def check_put_back(promotions, by_name, whole, told):
    """What serves again was asked for before what drifted, was deployed under the verdict that is named, and still is."""
    for each in promotions:
        for record, _ in each.life:
            body = record["body"]
            if record["type"] != "remedy" or body["state"] != "started" or body["remedy"] != "previous":
                continue
            former = by_name.get(body["to"])
            if former is None:
                told.require(not whole, each.name, record["at"], "what is to serve again is not in the log")
                continue
            told.check(each.name, record["at"], check_serves_again, each, former, record)


def check_serves_again(each, former, record):
    """What is put back was deployed there under the verdict that is named, and still is."""
    body = record["body"]
    deployed = [place for place, (one, _) in enumerate(former.life) if one["type"] in ("deployed", "loan-ratified")]
    require(deployed and lane_of(former) == lane_of(each), "what is to serve again never was deployed there")
    until = [one["at"] for one, status in former.life[deployed[0]:] if status != "deployed"][:1]
    require(former.state["verdict"]["digest"] == body["verdict"], "what is to serve again was deployed under another verdict")
    require(at_of(former, "request") < at_of(each, "request"), "what is to serve again was asked for later than what drifted")
    begun = former.life[deployed[0]][0]["at"] <= record["at"]
    require(begun and not (until and instant(until[0]) < later(record["at"], -LOOKED)), "what is to serve again is not deployed any more")


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


def ran_there(promotion):
    """From when until when something ran, also on loan and while it was restricted, and when whatever ran there was stopped for it."""
    started = [place for place, (record, _) in enumerate(promotion.life) if record["type"] in ("loan-running", "deployed", "loan-ratified")]
    if not started:
        return None
    done = lambda record: record["type"] == "remedy" and record["body"]["state"] == "done"
    after = promotion.life[started[0] + 1:]
    gone = [record["at"] for record, status in after if status not in ("deployed", "restricted", "loaned") or done(record)]
    stopped = [record["at"] for record, _ in after if done(record) and record["body"]["remedy"] == "stop"]
    return {"from": promotion.life[started[0]][0]["at"], "until": gone[0] if gone else FOREVER, "stopped": stopped[:1]}


def check_beside_nothing(promotions, told):
    """Nothing ran where nothing is said to have run; what its own deployment did not find either may have been taken out beside the service."""
    notes = []
    for each in promotions:
        said = each.beside_nothing
        if said is None:
            continue
        least, most = later(said["at"], -INDEXED), later(said["at"], INDEXED)
        others = [ran_there(one) for one in promotions if one.name != each.name and room_of(one) == room_of(each) and ran_there(one)]
        stopped = [at for one in others for at in one["stopped"] if instant(at) <= most]
        ran = any(instant(one["from"]) <= least and instant(one["until"]) > most and not any(at > one["from"] for at in stopped) for one in others)
        if not ran and said.get("previous") is not None:
            notes.append(f"{each.name}: its deployment found something where nothing is said to have run, and no record tells what that was")
        told.require(not ran or said.get("previous") is None, each.name, said["at"], "a candidate did not run in shadow since nothing ran there, and something did")
        notes += [f"{each.name}: its records alone say that nothing ran any more where it was to run in shadow"] if ran else []
    return notes


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


def check_succession(by_name, others, whole):
    """Who took whose place is told by both, and the one is newer."""
    told = lambda each, kind: next((record for _, record in each.records if record["type"] == kind), None)
    took = {name: [one["id"] for one in told(each, "supersedes")["body"]["promotions"]] for name, each in by_name.items() if told(each, "supersedes")}
    by = {name: told(each, "superseded")["body"]["by"] for name, each in by_name.items() if told(each, "superseded")}
    at = lambda name, kind: told(by_name[name], kind)["at"]
    asked = lambda each: each.records[0][1]
    lane = lambda each: (asked(each)["body"]["model"]["name"], asked(each)["body"]["target"])
    for name, newer in by.items():
        others.require(newer in by_name or not whole, name, at(name, "superseded"), "the place of a promotion was taken by one that the log does not have")
        if newer not in by_name:
            continue
        one, other = by_name[name], by_name[newer]
        require(lane(one) == lane(other), "the place of a promotion was taken by one of another model or target")
        require((asked(one)["at"], name) < (asked(other)["at"], newer), "the place of a promotion was taken by one that was asked for before")
        history = {record["id"]: record for _, record in one.records}
        place = int(told(one, "superseded")["id"].split("/")[1])
        came_back = history.get(f"{name}/{place - 1}", {"type": None})
        found_itself = one.state["supersededFrom"] == "gating" or (came_back["type"] == "seat-reopened" and "breach" in came_back["body"])
        says = name in took.get(newer, []) or found_itself or not other.openings
        others.require(says, name, at(name, "superseded"), "the place of a promotion was taken by one that does not say so")
    for newer, names in took.items():
        require(all(by.get(name) in (None, newer) for name in names), "a promotion took the place of one that another took")
        others.require(all(name in by for name in names if whole or name in by_name), newer, at(newer, "supersedes"), "a promotion took the place of one that does not say so")


def check_overtaken(promotions, told, whole):
    """Nothing begins to be deployed, was lent for that, or is open, once a newer one of its model and target was through its gates."""
    lanes = {}
    for each in promotions:
        lanes.setdefault(lane_of(each), []).append(each)
    lanes.pop(None, None)
    for lane in lanes.values():
        ahead = None
        for each in sorted(lane, key=lambda one: (at_of(one, "request"), one.name), reverse=True):
            own, began = at_of(each, "stage-opened", "shadow-run"), at_of(each, "deployment-started")
            if ahead is not None:
                in_time = lambda at: instant(at) <= later(ahead, CLOCKS)
                deployed = began is None or in_time(at_of(each, "loan", "deployment-started"))
                require(deployed, "an older candidate was deployed although a newer one was through its gates")
                closed = next((record["at"] for record, status in each.life if status not in OPEN), None)
                through = own is None or in_time(own) and (closed is None or in_time(closed))
                require(through, "people were asked about an older candidate although a newer one was through its gates")
                if own is not None and whole:
                    told.require(closed is not None, each.name, ahead, "an older candidate is open although a newer one was through its gates")
            ahead = min((at for at in (ahead, own) if at is not None), default=None)


OPEN = ("gating", "shadowing", "in-review", "approved")
RELEASED = ("deploying", "loaned", "deployed", "restricted")


def check_passports_in_turn(promotions, told):
    """No passport is issued or redeemed once something newer is being deployed there by its pipeline, or is."""
    for each in promotions:
        used = [record["at"] for _, record in each.records if record["type"] in ("passport-issued", "passport-redeemed")]
        newer = [one for one in promotions if lane_of(one) == lane_of(each) and at_of(one, "request") > at_of(each, "request")] if used else []
        for at in used:
            over = any(
                instant(start) <= later(at, -LOOKED_FOR) and (end is None or instant(end) >= later(at, TOLERANCE + WRITTEN))
                for one in newer for start, end in released_in(one)
            )
            told.require(not over, each.name, at, "a passport served for an older candidate than was deployed there")


def released_in(promotion):
    """From when until when what a pipeline deploys was being deployed, or was."""
    times = []
    if promotion.state["freeze"]["target"]["kind"] != "pipeline" or not at_of(promotion, "deployment-started"):
        return times
    for record, status in promotion.life:
        if status in RELEASED and (not times or times[-1][1] is not None):
            times.append([record["at"], None])
        elif status not in RELEASED and times and times[-1][1] is None:
            times[-1][1] = record["at"]
    return times


def check_upon_lent(promotions, told):
    """Nothing is released upon what is on loan: it could go back to nothing that anybody approved."""
    lent = {each.name: lent_time(each) for each in promotions if lane_of(each) and at_of(each, "loan")}
    for each in promotions:
        for record, _ in each.life if lane_of(each) else ():
            found = re.search(r"p-[0-9a-f]{32}-[1-9][0-9]{0,5}", record["body"]["previous"] or "") if record["type"] == "deployment-started" else None
            if found is None or found.group() == each.name or found.group() not in lent:
                continue
            start, end = lent[found.group()]
            sound = start is None or start > record["at"] or (end is not None and instant(end) <= later(record["at"], TOLERANCE))
            told.require(sound, each.name, record["at"], "something was released upon what was on loan")


def lent_time(promotion):
    """From the beginning of its deployment on, until it was ratified, or is said to serve no more."""
    places = [place for place, (record, status) in enumerate(promotion.life) if record["type"] == "deployment-started" and status == "loaned"]
    if not places:
        return None, None
    ended = [record["at"] for record, _ in promotion.life[places[0]:] if record["type"] in ("loan-ratified", "loan-taken-back", "rolled-back", "failed")]
    return promotion.life[places[0]][0]["at"], ended[0] if ended else None


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


FOREVER = "9999-12-31T23:59:59.999Z"


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
