"""What else was asked for or ran in the target of a model: docs/format.md."""

import re

from encoding import instant, later, require
from told import CLOCKS, FOREVER, INDEXED, LOOKED, LOOKED_FOR, TOLERANCE, WRITTEN, at_of, lane_of, room_of

OPEN = ("gating", "shadowing", "in-review", "approved")
RELEASED = ("deploying", "loaned", "deployed", "restricted")


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
