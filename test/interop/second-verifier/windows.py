"""Freeze windows of the policies, and what records say of them: docs/format.md."""

import functools
import re
import zoneinfo
from datetime import datetime, timedelta, timezone

from encoding import instant, parse, require
from people import read_policy, yaml

DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
WEEK = 7 * 1440
DAY, FURTHEST = timedelta(days=1), timedelta(hours=15)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999000, timezone.utc)
# By so many seconds the clock of a zone may be otherwise in another database.
OTHERWISE = (-3600, -1800, 1800, 3600)
LONGEST_RUN = timedelta(seconds=900)
FIXED = re.compile(r"([+-].+|Etc/.+|UTC|GMT|UCT|Zulu|Universal)", re.IGNORECASE)
SENTENCES = {
    "held": "something was held for a freeze window that there was not",
    "excepted": "an exception let it pass in a freeze window that has none",
    "free": "a verdict is PASSED in a freeze window",
    "begun": "a deployment began in a freeze window",
    "signed": "somebody approved or lent in a freeze window",
}


@functools.lru_cache(maxsize=64)
def windows_in(policies):
    """The freeze windows of policies; None where their matrix.yaml cannot be read here."""
    matrix = None if yaml is None else read_policy(parse(policies)["files"]["matrix.yaml"])
    return None if matrix is None else matrix.get("freezeWindows", [])


@functools.lru_cache(maxsize=None)
def zone_of(name):
    """The clock of a zone; None where the database here does not have it."""
    offset = re.fullmatch(r"([+-])(\d\d)(?::?(\d\d))?", name)
    if offset:
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-ahead if offset[1] == "-" else ahead)
    spelled = {each.lower(): each for each in zoneinfo.available_timezones()}.get(name.lower())
    return timezone.utc if name.upper() == "UTC" else spelled and zoneinfo.ZoneInfo(spelled)


def offset_at(at, zone):
    """How far a zone's clock is ahead of UTC."""
    return at.astimezone(zone).utcoffset()


def plus(at, more):
    """An instant so much later; at most the last that can be written."""
    return min(at + more, LAST) if at < LAST - 3 * DAY else LAST - max(LAST - at - more, timedelta(0))


def in_zone(wall, zone):
    """The instant of a zone's wall clock, which is given as if it were UTC: the first of two, and where the clock goes on of one that is skipped."""
    if wall > LAST - 3 * DAY:
        return plus(wall, -offset_at(wall - 14 * DAY, zone))
    first, second = sorted([wall - offset_at(wall - DAY, zone), wall - offset_at(wall + DAY, zone)])
    for each in (first, second):
        if each + offset_at(each, zone) == wall:
            return each
    before = offset_at(first, zone)
    while second - first > timedelta(seconds=1):
        middle = first + timedelta(seconds=int((second - first).total_seconds() / 2))
        first, second = (middle, second) if offset_at(middle, zone) == before else (first, middle)
    return second


def wall_time(text):
    """`2026-12-18 18:00`, as if it were UTC."""
    return datetime.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)


def week_minute(text):
    """`fri 16:00`: minutes since Sunday began."""
    day, hour, minute = text[:3], text[4:6], text[7:]
    return DAYS.index(day) * 1440 + int(hour) * 60 + int(minute)


def end_of(window, at, zone):
    """When a window ends that an instant lies in; None where it does not."""
    if "weekly" not in window:
        begin, end = in_zone(wall_time(window["from"]), zone), in_zone(wall_time(window["until"]), zone)
        return end if begin <= at < end else None
    wall = at + offset_at(at, zone)
    sunday = wall.replace(hour=0, minute=0, second=0, microsecond=0) - DAY * ((wall.weekday() + 1) % 7)
    begin, until = week_minute(window["weekly"]["from"]), week_minute(window["weekly"]["until"])
    for week in (sunday - 7 * DAY, sunday):
        start = week + timedelta(minutes=begin)
        end = in_zone(start + timedelta(minutes=(until - begin) % WEEK), zone)
        if in_zone(start, zone) <= at < end:
            return end
    return None


def may_hold(window, at):
    """Whether a window may hold whose zone nobody here knows."""
    if "weekly" not in window:
        return wall_time(window["from"]) - FURTHEST <= at < min(wall_time(window["until"]), LAST - FURTHEST) + FURTHEST
    begin, until = week_minute(window["weekly"]["from"]), week_minute(window["weekly"]["until"])
    now = (at.weekday() + 1) % 7 * 1440 + at.hour * 60 + at.minute
    return (now - begin + 900) % WEEK < (until - begin) % WEEK + 2 * 900


def calendar(windows, model, at, ahead):
    """What these windows make of an instant: nothing, or the name and the end of the one that holds, and the reason why it does not."""
    active = []
    for place, window in enumerate(windows):
        zone, moved = zone_of(window["zone"]), timedelta(seconds=ahead(window["zone"]))
        then = plus(at, moved)
        end = end_of(window, then, zone)
        if end is None:
            continue
        excepted = lambda each: each["model"] == model and ("until" not in each or then < in_zone(wall_time(each["until"]), zone))
        exception = next(filter(excepted, window.get("exceptions", [])), None)
        active.append((plus(end, -moved), place, window["name"], exception and exception["reason"]))
    active.sort(reverse=True)
    frozen = next((each for each in active if each[3] is None), None)
    return frozen or (active[0] if active else None)


def fits_by(windows, model, at, said, ahead):
    """Whether what a record says of windows is so by these clocks."""
    then = lambda moment: calendar(windows, model, moment, ahead)
    now, kind = then(at), said["kind"]
    frozen = now is not None and now[3] is None
    if kind == "held":
        return frozen and (now[2], stamp(now[0])) == (said["window"], said["until"])
    if kind == "excepted":
        return now is not None and not frozen and (now[2], now[3]) == (said["window"], said["reason"])
    if kind == "free":
        return now is None
    if kind == "begun" and frozen:
        earlier = then(at - LONGEST_RUN)
        return earlier is None or earlier[3] is not None
    return not frozen


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def fit_of_known(windows, model, at, said):
    if fits_by(windows, model, at, said, lambda zone: 0):
        return "fits"
    moving = list(dict.fromkeys(each["zone"] for each in windows if not FIXED.fullmatch(each["zone"])))
    ways = [{each} for each in moving] + [set(moving)]
    otherwise = (lambda zone, way=way, seconds=seconds: seconds if zone in way else 0 for way in ways for seconds in OTHERWISE)
    return "by another clock" if any(fits_by(windows, model, at, said, each) for each in otherwise) else "differs"


def fit(windows, model, target, at, said):
    """Whether a record fits the windows: `fits`, `by another clock`, `zone unknown` or `differs`."""
    own = [each for each in windows if "targets" not in each or target in each["targets"]]
    known = [each for each in own if zone_of(each["zone"]) is not None]
    perhaps = [each for each in own if each not in known and may_hold(each, at)]
    named = next((each for each in perhaps if each["name"] == said.get("window")), None)
    if named is None:
        found = fit_of_known(known, model, at, said)
        return found if found == "differs" or said["kind"] == "held" or not perhaps else "zone unknown"
    exceptions = [each for each in named.get("exceptions", []) if each["model"] == model]
    if said["kind"] == "held":
        return "differs" if any("until" not in each for each in exceptions) else "zone unknown"
    excepted = said["kind"] == "excepted" and any(each["reason"] == said["reason"] for each in exceptions)
    holds = excepted and fit_of_known(known, model, at, {"kind": "signed"}) != "differs"
    return "zone unknown" if holds else "differs"


def said_in(record, lent):
    """What a record says of freeze windows; None where it says nothing."""
    kind, body = record["type"], record["body"]
    if kind == "held" and ("window" in body or "until" in body):
        return {"kind": "held", "window": body.get("window", ""), "until": body.get("until", "")}
    if kind == "verdict" and body["result"] == "PASSED" and not lent:
        return {"kind": "excepted", **body["exception"]} if "exception" in body else {"kind": "free"}
    if kind == "deployment-started":
        return {"kind": "begun"}
    approves = kind == "loan-requested" or kind == "sign-off" and body["result"] == "approve"
    return {"kind": "signed"} if approves else None


def check_windows(pack, verified):
    """Holds what records say of freeze windows against the policies in force then; answers what cannot be told, once for each promotion."""
    untold = {}
    for promotion in verified:
        for index, record, said in promotion.windowed():
            why = why_untold(pack, promotion, index, record, said)
            if why is not None:
                untold.setdefault((promotion.name, why), record["id"])
    return [f"{name}: whether changes were frozen at {where} was not checked: {why}" for (name, why), where in untold.items()]


def why_untold(pack, promotion, index, record, said):
    """Why nobody can tell what a record says of windows; None where it is so. Refuses what is not."""
    at = record["at"]
    asked = lambda windows: fit(windows, *promotion.of_what(), instant(at), said)
    policy, data = promotion.judged_by(index, record)
    windows = None if data is None else windows_in(data)
    own = None if windows is None else asked(windows)
    require(record["type"] != "verdict" or own != "differs", SENTENCES[said["kind"]])
    in_force = pack.in_force_at(at)
    if own == "fits" and (not pack.versions or policy in [each["body"]["policy"] for each in in_force]):
        return None
    if not pack.versions:
        # By another clock, or as the log may tell otherwise.
        return own if own in ("by another clock", "zone unknown") else "its calendar is not here" if own or "window" in said else None
    found = []
    for each in in_force:
        told = windows_in(pack.document(each, "policies.json"))
        found.append("its policies cannot be read here" if told is None else asked(told))
    if "fits" in found:
        return None
    told = [each for each in found if each != "differs"]
    if not told and pack.may_be_on_its_way(at):
        return "other policies may be on their way to the log"
    require(told, SENTENCES[said["kind"]])
    return told[0]
