"""What ran, held against what was signed, and what records say again of others: docs/format.md."""

import re

from encoding import parse, require
from release import first_part, same

# What has no digest may be another image tomorrow.
IMAGE = re.compile("(?=.{1,255}$)[a-z0-9][a-zA-Z0-9./_-]*@sha256:[0-9a-f]{64}")
AT_ONCE = {"kind": "all-at-once", "waitSeconds": 0}


def check_served(pack, record, state, notes):
    """A deployment's beginning says what was signed and frozen: the model, its copy, the image, and the release."""
    body, name = record["body"], f"'{record['id']}'"
    freeze, target = state["freeze"], state["freeze"]["target"]
    require(body["endpoint"] == target["endpoint"], "a deployment went to another endpoint")
    artifacts = {each["role"]: each for each in freeze["artifacts"]}
    copies = {each["name"]: each for each in state["copies"]}
    model, signed = body["model"], artifacts["model"]
    copy = copies[signed["name"]]
    require(model["sha256"] == signed["sha256"], f"{name} deployed the model {model['sha256']}, and {signed['sha256']} was signed off")
    kept = re.fullmatch(r"s3://[^/]+/(.+)", model["uri"])
    require(kept is not None and kept[1] == copy["key"], f"{name} deployed {model['uri']}, and {copy['key']} was frozen")
    version = copy["versionId"]
    require(model["versionId"] == version, f"{name} deployed the version {model['versionId']} of the model, and {version} was frozen")
    documents = {each["name"]: each["sha256"] for each in record["attachments"]}
    require(documents.get("environment.json") == artifacts["environment"]["sha256"], f"{name} keeps another environment than was signed off, or none")
    image = parse(pack.document(record, "environment.json"))["image"]["reference"]
    require(IMAGE.fullmatch(image), f"{name} deployed an image that its environment does not name by digest")
    require(body["image"] == image, f"{name} deployed the image {body['image']}, and {image} was signed off")
    release, first = body["release"], body["previous"] is None
    require((release["kind"] == "first") == first, f"{name} is of another kind of release than what ran before lets it be")
    gone = first and state["request"].get("release") == "update" and target["kind"] != "pipeline"
    require(body.get("gone", False) == gone, f"{name} finds nothing to take over from, and was judged as an update")
    if first:
        require(release["traffic"]["kind"] == "all-at-once", f"{name}: a first release left traffic elsewhere")
    else:
        check_careful(release, target, name)
    check_made(release, target, body.get("conditions"), name)


def check_careful(release, target, name):
    """No less careful than the target that was signed; conditions make it more so."""
    traffic, signed = release["traffic"], target.get("traffic") or AT_ONCE
    if "rolling" in (traffic["kind"], signed["kind"]):
        require(same(traffic, signed), f"{name}: copies were replaced otherwise than was signed")
    by_requests = signed["kind"] not in ("all-at-once", "rolling")
    parts = traffic["steps"] if traffic["kind"] == "weights" else [traffic]
    if by_requests:
        require(traffic["kind"] in (signed["kind"], "weights"), f"{name}: traffic came over in another way than was signed")
        require(first_part(traffic) <= signed["percent"], f"{name}: more traffic came over at first than was signed")
    require(all(each["waitSeconds"] >= signed["waitSeconds"] for each in parts), f"{name}: less was waited than was signed")
    watched = target.get("watchSeconds", 0) if target["kind"] in ("sagemaker-endpoint", "sagemaker-inference-component") else 0
    require(release.get("watchSeconds", 0) >= watched, f"{name}: it was watched for less time than was signed")
    alarms, asked = release.get("alarms", {}), target.get("alarms", {})
    require(set(asked.get("names", [])) <= set(alarms.get("names", [])), f"{name}: an alarm that was signed did not watch it")
    own, bounds = (each.get("own", {}) if each.get("kind") == "named" else each for each in (alarms, asked))
    for bound in ("errorPercent", "p95Milliseconds"):
        if bound in bounds:
            require(own.get(bound, float("inf")) <= bounds[bound], f"{name}: an alarm had another bound than was signed")


def check_made(release, target, conditions, name):
    """A release that somebody makes: in steps that lead to all of the requests, and waiting for no longer than anybody asked."""
    first, traffic = release["kind"] == "first", release["traffic"]
    hosted = target["kind"] in ("sagemaker-endpoint", "sagemaker-inference-component") and not first
    watch = max(target.get("watchSeconds", 0) if hosted else 0, (conditions or {}).get("forSeconds", 0))
    require(release.get("watchSeconds", 0) <= watch, f"{name}: it was watched for longer than anybody asked")
    signed = AT_ONCE if first else target.get("traffic") or AT_ONCE
    if "rolling" in (traffic["kind"], signed["kind"]):
        return
    asked = (conditions or {}).get("traffic")
    weights = traffic["kind"] == "weights"
    require(not weights or asked is not None, f"{name}: parts came over by weight, which no condition asked for")
    longest = signed["waitSeconds"] if asked is None else max(signed["waitSeconds"], asked["forSeconds"], 600)
    parts = traffic["steps"] if weights else [traffic]
    require(all(each["waitSeconds"] <= longest for each in parts), f"{name}: it waited for longer than anybody asked")
    if not weights:
        return
    ends = [each["percent"] for each in parts] + ([] if signed["waitSeconds"] > 0 else [100])
    largest = (signed["percent"] if signed["kind"] == "linear" else 100) + 1e-6
    step_by_step = all(0 < after - before <= largest for before, after in zip(ends, ends[1:])) and ends[-1] == 100
    require(step_by_step, f"{name}: its parts are not how they come over step by step")


def check_repeated(record, state):
    """What a record says again of what was signed or recorded before is the same."""
    kind, body, freeze = record["type"], record["body"], state.get("freeze")

    def says(member, known):
        require(member in body and same(body[member], known), f"'{record['id']}' says otherwise than was signed or recorded: {member}")

    if freeze is not None:
        if kind == "request":
            says("model", freeze["model"])
            says("target", freeze["target"]["name"])
            says("requester", freeze["requester"])
        if "endpoint" in body:
            says("endpoint", freeze["target"]["endpoint"])
        if kind == "held" and "plans" in body:
            asks = freeze["target"].get("infrastructure") == "applied"
            says("plans", [each["sha256"] for each in freeze["evidence"] if asks and each["kind"] == "iac-plan"])
    if kind == "supersedes":
        for each in body["promotions"]:
            require(each["id"].startswith(f"p-{each['freezeDigest'][:32]}-"), f"'{record['id']}' names another promotion than its candidate's")
    if kind == "rollback":
        says("state", "failed" if state.get("back") else "started")
        state["back"] = True


IDS = {
    "question": "question/{question}", "answer": "question/{question}/answer", "plan-reported": "plan-reported/{plan}",
    "escalated": "escalated/{review}/{stage}/{round}", "passport-redeemed": "passport-redeemed/{passport}",
}


def check_id(promotion, record):
    """What stands beside the history has an id that is made of what it says."""
    form = IDS.get(record["type"])
    require(form is None or record["id"] == f"{promotion}/{form.format(**record['body'])}", f"'{record['id']}' is not the id of what it says")
