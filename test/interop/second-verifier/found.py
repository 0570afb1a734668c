"""What deployments found running, held against what the others of their model and target say: docs/format.md."""

import re

from encoding import later, instant

CLOCKS = 60
SERVES = ("deployed", "loan-running", "loan-ratified")


def check_found(promotions, room_of):
    """Answers which deployments found something else than the records of the others tell."""
    rooms = {}
    for each in promotions:
        if room_of(each) is not None:
            rooms.setdefault(room_of(each), []).append(each)
    names = {each.name: room_of(each) for each in promotions}
    notes = []
    for room, those in rooms.items():
        stood = {each.name: stood_in(each) for each in those}
        back = {each.name: [(at, to) for at, to in replaced_by(each)] for each in those}
        for each in those:
            for record, _ in each.life:
                told_by = {"deployment-started": "previous", "loan-taken-back": "serves"}.get(record["type"])
                previous = record["body"].get(told_by)
                if previous is None:
                    continue
                told = re.search(r"p-[0-9a-f]{32}-[1-9][0-9]{0,5}", previous)
                found = told and told.group()
                if found is None or names.get(found, room) == room:
                    why = otherwise(found, record["at"], stood, back)
                    notes += [f"{each.name}: '{record['id']}' found something else than the records tell: {why}"] if why else []
    return notes


def stood_in(promotion):
    """When it was on its way, served, was gone, or nobody knew."""
    found = []
    for record, _ in promotion.life:
        kind, body = record["type"], record["body"]
        if kind == "deployment-started":
            found.append((record["at"], "under-way"))
        elif kind in SERVES:
            found.append((record["at"], "serves"))
        elif kind in ("rolled-back", "loan-taken-back") or "breach" in body or kind == "remedy" and body["state"] == "done":
            found.append((record["at"], "gone"))
        elif kind == "failed":
            found.append((record["at"], "unknown"))
    return found


def replaced_by(promotion):
    """What was let serve again in its place, and when that began."""
    bodies = [(record["at"], record["body"]) for record, _ in promotion.life if record["type"] == "remedy"]
    return [(at, body["to"]) for at, body in bodies if body["state"] == "started" and "to" in body]


def otherwise(found, at, stood, back):
    since = None
    early, late = later(at, -CLOCKS), later(at, CLOCKS)
    if found is not None:
        own = stood.get(found, [])
        came = [one for one, state in own if state in ("under-way", "serves")] + [one for each in back.values() for one, to in each if to == found]
        came = [one for one in came if instant(one) <= late]
        if not came:
            return f"{found} was never deployed before"
        since = max(came)
        if any(state == "gone" and one > since and instant(one) <= early for one, state in own):
            return f"{found} had been taken out before"
    for name, states in stood.items():
        left = [one for one, state in states if state in ("gone", "unknown")] + [one for one, _ in back[name]]
        for one, state in states:
            if state != "serves" or name == found or instant(one) > early or since is not None and one <= since:
                continue
            if not any(instant(gone) <= late and (gone >= one or gone in [at for at, _ in back[name]]) for gone in left):
                return f"{name} served until then"
    return None
