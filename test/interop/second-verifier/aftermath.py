"""Runs in shadow, and what became of what runs: docs/format.md."""

import math

from encoding import canonical, canonical_bytes, digest, instant, later, read_canonical, require
from forms import PROMOTION, TARGETS, Only, at, misfit, nullable, text

ENDED = ("blocked", "rejected", "expired", "withdrawn", "superseded", "rolled-back", "failed")
SETTLING = 900
TOLERANCE = 5
LEAST = 0.0001
STATUSES = {"gating", "shadowing", "in-review", "approved", "deploying", "deployed", "loaned", "restricted", *ENDED}
PLACE = Only(kind=TARGETS, target=text, endpoint=text)
RUNNING = Only(
    readAt=at, place=PLACE, expected=nullable(PROMOTION), revision=nullable(text), promotion=nullable(PROMOTION),
    candidate=nullable(Only(
        version=text, place=PLACE, status=STATUSES, since=at, lentUntil=nullable(at), verdict=nullable(text), altered=nullable(text),
    )),
)


def check_remedy(pack, state, record):
    """What was done about a model that drifted is what was announced, and is done only once it began."""
    body = record["body"]
    announced = state.get("drift", {})
    expected = announced.get("action") if body["because"] == "drift" else announced.get("unlessReapproved")
    require(body["remedy"] == expected, "another remedy than was announced when the model drifted")
    if body["state"] == "started":
        named = "to" in body and "verdict" in body
        require(named == (body["remedy"] == "previous"), "what is to serve instead is not named, or should not be")
        state["remedy"] = body["remedy"]
    elif body["state"] == "done":
        require(state.get("remedy") == body["remedy"], "a remedy is done that never began")
        said = read_canonical(pack.document(record, "deployment.json"))["progress"]
        wanted = "serving" if body["remedy"] == "previous" else "returned"
        require(said == wanted, f"'{record['id']}' is not what the target said, which is '{said}'")


def check_intruders(pack, others, verdicts, life=(), manifest=None, whole=True):
    """Findings are what their documents come to; nothing is gone or put back that was never found, as far as that is there."""
    found = {record["id"]: record for _, record in others if record["type"] == "intruder-found"}
    for _, record in others:
        kind, body = record["type"], record["body"]
        if kind == "intruder-found":
            told = read_canonical(pack.document(record, "running.json"))
            require((place := misfit(told, RUNNING)) is None, f"running.json is not in its form ({place})")
            require(intruder(told) == body["kind"], "an intruder is of another kind than what ran comes to")
            require(body["kind"] != "missing" or body["action"] == "report", "what is missing is said to be taken back")
            same = (told["revision"] or "") == body["running"] and canonical(told["place"]) == canonical(body["place"])
            require(same, "an intruder was found in something else than its document says")
            own = told["promotion"] == record["promotion"] if "promotion" in record else told["expected"] is None and told["candidate"] is None
            looked = later(record["at"], -SETTLING) <= instant(told["readAt"]) <= later(record["at"], TOLERANCE)
            require(looked, "an intruder was found at another time than somebody looked")
            require(own or ran_then(life, record["at"]), "an intruder is told of another than what should run there, or does")
            of = told["expected"] if told["revision"] is None else told["promotion"]
            if "promotion" in record and of == record["promotion"]:
                said = told["candidate"] or {}
                target = manifest["target"]
                place = {"kind": target["kind"], "target": target["name"], "endpoint": target["endpoint"]}
                same = said.get("version") == manifest["model"]["version"] and said.get("place") == place
                states = [recorded(life[:end]) for end in when(life, told["readAt"])]
                same = same and (said["status"], said["since"], said["lentUntil"]) in states
                require(same, "an intruder's document says something else of its promotion than the records do")
        elif kind in ("intruder-gone", "take-back") and (whole or body["found"] in found):
            require(body["found"] in found, "an intruder is answered that was never found")
            finding = found[body["found"]]
            require(record["id"].startswith(finding["id"] + "/"), "an intruder is answered under the id of another")
            require(instant(record["at"]) >= later(finding["at"], -TOLERANCE), "an intruder is answered that was not found yet")
            taken = kind != "take-back" or finding["body"]["action"] == "take-back"
            require(taken, "something was taken back that was said to be reported and no more")
            require("verdict" not in body or body["verdict"] in verdicts, "something was put back that no verdict allows")


def ran_then(life, at):
    """Whether a promotion may have run, or been under way, when something was found in its place or beside it."""
    return any(life[end - 1][1] in ("deployed", "restricted", "deploying", "loaned") for end in when(life, at))


def when(life, at):
    """How much of a history may have been told when somebody looked: up to the last before that began, and each since."""
    before = [end for end, (each, _) in enumerate(life, 1) if instant(each["at"]) < later(at, -SETTLING)][-1:]
    return before + [end for end, (each, _) in enumerate(life, 1) if later(at, -SETTLING) <= instant(each["at"]) <= later(at, TOLERANCE)]


def recorded(life):
    """The status that a history comes to, since when, and until when it runs on loan that nobody ratified."""
    lent = [record["body"]["until"] for record, _ in life if record["type"] == "loan"]
    ratified = any(record["type"] == "loan-ratified" for record, _ in life)
    return life[-1][1], life[-1][0]["at"], lent[-1] if lent and not ratified else None


def intruder(told):
    """Whether what runs should not, and in what way."""
    said, at = told["candidate"], told["readAt"]
    if told["revision"] is None:
        known = told["expected"] is not None and said is not None and said["place"] == told["place"]
        lent = known and said["status"] == "loaned" and said["lentUntil"] is not None and instant(at) < instant(said["lentUntil"])
        due = lent or known and said["status"] in ("deployed", "restricted")
        return "missing" if due and instant(at) >= later(said["since"], SETTLING) else None
    if told["promotion"] is None or said is None or said["place"] != told["place"]:
        return "unapproved"
    if said["status"] == "deploying":
        return None
    settled = instant(at) >= later(said["since"], SETTLING)
    if said["lentUntil"] is not None:
        if instant(at) >= later(said["lentUntil"], SETTLING):
            return "expired"
        if said["status"] != "loaned":
            return "unapproved" if settled else None
    elif said["status"] not in ("deployed", "restricted"):
        return None if said["status"] in ENDED and not settled else "unapproved"
    elif told["promotion"] != told["expected"]:
        return "unapproved"
    if said["verdict"] is not None:
        return "unapproved"
    return "altered" if said["altered"] is not None else None


def check_shadow_time(run, plan, requests):
    """A run by the rule's plan lasts as long as that asks, and until so many requests came, or as long as it may."""
    if plan is None or "from" not in run or run.get("plan") != digest(canonical_bytes(plan)):
        return
    reached = lambda seconds: later(run["until"], TOLERANCE) >= later(run["from"], seconds)
    require(reached(min(plan["durationSeconds"], plan["withinSeconds"])), "a run in shadow was over before its time")
    require(requests >= plan["requests"] or reached(plan["withinSeconds"]), "a run in shadow was over after fewer requests than its plan asks for")


def check_judged_in_shadow(pack, run, record):
    """Gates judge the report of the run under their own rule's plan, where there is one, and no other."""
    asked = read_canonical(pack.document(record, "requirements.json"))
    plan = asked["rule"].get("shadow") if asked["gates"]["thresholds"] is not None else None
    own = run.get("reported") if plan is not None and digest(canonical_bytes(plan)) == run.get("plan") else None
    brought = {each["name"]: each["sha256"] for each in record["attachments"]}.get("_shadow-run.json")
    require(brought == own, "gates judged another report of a run in shadow than there is")


def check_shadow_report(pack, name, run, record):
    """The report follows from what was observed, and that is of this run."""
    report = pack.document(record, "_shadow-run.json")
    observed = read_canonical(pack.document(record, "shadow-observations.json"))
    version = read_canonical(report).get("reportVersion")
    require(version in (1, 2), "a report of a run in shadow is of a version that nobody knows")
    require(canonical_bytes(report_of(observed, version)) == report, "what both models answered does not make the report of the run in shadow")
    named = {"promotion": name, **{key: run.get(key) for key in ("plan", "beside", "from", "until")}}
    require(all(observed[key] == value for key, value in named.items()), "a report is of another run in shadow")


def report_of(observed, version):
    """Of the first version scores that are common have no bin of their own, and what is refused is counted, not its share."""
    champion, candidate = observed["measured"]["champion"], observed["measured"]["candidate"]
    answers = observed["answers"]
    scored = [each for each in answers if each[0] is not None and each[1] is not None]
    seen = observed["observationsVersion"] == 1
    metrics = {"requests": observed["compared"] if seen else candidate["invocations"], **latencies(candidate)}
    if answers:
        metrics["agreement"] = rounded(sum(each[2] for each in answers) / len(answers))
    if candidate["invocations"] > 0:
        alike = champion["errors4xx"]
        if version == 2:
            alike = alike * candidate["invocations"] / champion["invocations"] if champion["invocations"] > 0 else 0
        more = max(0, candidate["errors4xx"] - alike)
        metrics["error_rate"] = rounded(min(1, (candidate["errors5xx"] + more) / candidate["invocations"]))
    if answers and len(scored) == len(answers):
        metrics["psi"] = rounded(stability([each[0] for each in scored], [each[1] for each in scored], version))
    errors = champion["errors4xx"] + champion["errors5xx"]
    return {
        "reportVersion": version, **{key: observed[key] for key in ("promotion", "plan", "beside", "from", "until")},
        "metrics": metrics, "champion": {"requests": champion["invocations"], "errors": errors, **latencies(champion)},
        "answers": {"compared": len(answers), "scored": len(scored)}, "captured": observed["captured"],
        "observations": digest(canonical_bytes(observed)),
    }


def latencies(measures):
    names = {"latency_p50_ms": "latencyP50Milliseconds", "latency_p95_ms": "latencyP95Milliseconds"}
    return {name: rounded(measures[key]) for name, key in names.items() if key in measures}


def stability(before, after, version):
    """The population stability index over the tenths of the first."""
    ranked = sorted(before)
    begins = [ranked[place] for place in sorted({(tenth * len(ranked)) // 10 for tenth in range(1, 10)})]
    edges = sorted(set(begins))
    common = {one for one, other in zip(begins, begins[1:]) if one == other} if version == 2 else set()
    was, now = shares(before, edges, common), shares(after, edges, common)
    return sum((b - a) * math.log(b / a) for a, b in zip(was, now))


def shares(scores, edges, common):
    counts = [0] * (len(edges) + len(common) + 1)
    for score in scores:
        counts[sum(edge <= score for edge in edges) + sum(edge < score for edge in common)] += 1
    return [max(count / len(scores), LEAST) for count in counts]


def rounded(value):
    """To six places, halves up; a whole number is written as one."""
    return math.floor(value * 1_000_000 + 0.5) / 1_000_000
