"""What the bodies of records hold, each member in its form: the tables of docs/format.md and docs/keys.md."""

import re

from encoding import Wrong, instant, plain, require, require_known
from release import check_form

MOST = 2**53 - 1


def at_most(units):
    return lambda value: isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) <= 2 * units


text, shorter = at_most(4000), at_most(2000)


def slug(value):
    """What models, their types and targets are called: none of them looks like another that it is not."""
    return isinstance(value, str) and re.fullmatch("[a-z0-9][a-z0-9-]{0,62}", value) is not None


def count(value):
    return type(value) is int and 0 <= value <= MOST


def number(value):
    return type(value) in (int, float)


def percent(value):
    return number(value) and 1 <= value <= 100


def waited(value):
    """What a release may wait or be watched: 180 days, as long as an approval may ask for."""
    return count(value) and value <= 180 * 86400


def true(value):
    return value is True


def written(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def at(value):
    try:
        return isinstance(value, str) and instant(value) is not None
    except (Wrong, ValueError):
        return False


def some(value):
    return value != "" and shorter(value)


def some_each(value):
    return value != [] and misfit(value, [some]) is None


def nullable(form):
    return lambda value: value is None or misfit(value, form) is None


def either(*forms):
    return lambda value: any(misfit(value, form) is None for form in forms)


def two(form):
    return lambda value: isinstance(value, list) and len(value) == 2 and misfit(value, [form]) is None


def conditions(value):
    if not isinstance(value, dict):
        return False
    check_form(value)
    return True


def steps(value):
    return value != [] and misfit(value, [Only(percent=percent, waitSeconds=waited)]) is None


class Only(dict):
    """An object without any other member."""


class By(dict):
    """The forms of an object by its `member`."""

    def __init__(self, member, forms):
        super().__init__(forms)
        self.member = member


DIGEST, PROMOTION = written("[0-9a-f]{64}"), written("p-[0-9a-f]{32}-[1-9][0-9]{0,5}")
IDENTITY = {"issuer": text, "subject": text}
AUTHOR = either(
    Only(address=shorter), Only(account=Only(provider={"github", "gitlab"}, id=shorter)), Only(identity=Only(issuer=shorter, subject=shorter)),
)
TARGETS = {"sagemaker-endpoint", "sagemaker-inference-component", "kubernetes", "pipeline", "webhook", "policy"}

PASSKEY = Only({"id": DIGEST, "counter": count, "counterWentBack?": true})
SIGN_IN = Only({"acr?": text, "amr?": [text]})
SIGN_OFF = {
    "signOff": DIGEST, "review": count, "stage": count, "result": {"approve", "reject", "withdraw"}, "reason": text, "roles": [text],
    "reviewer": IDENTITY, "onBehalfOf?": Only(person=IDENTITY, delegation=DIGEST), "conditions?": conditions, "groups": [text],
    "signIn?": SIGN_IN, "passkey?": PASSKEY,
}
KEPT = {"signOff": DIGEST, "stage": count, "roles": [text], "review": count}
FALLEN = [{"signOff": DIGEST, "why": text}]
HOLDS = lambda value: waited(value) and value >= 60
IN_FORCE = Only({
    "forSeconds": HOLDS, "traffic?": Only(percent=lambda value: percent(value) and value <= 50, forSeconds=HOLDS),
    "errorPercent?": lambda value: number(value) and 0 < value <= 100, "p95Milliseconds?": lambda value: number(value) and 1 <= value <= 60_000,
})
OWN = {"errorPercent?": number, "p95Milliseconds?": number}
PART = Only(kind=text, percent=percent, waitSeconds=waited)
RELEASE = Only({
    "kind": {"first", "update"},
    "traffic": By("kind", {
        "all-at-once": Only(kind=text, waitSeconds=waited), "canary": PART, "linear": PART,
        "rolling": Only(kind=text, copies=count, of=count, waitSeconds=waited),
        "weights": Only(kind=text, steps=steps),
    }),
    "alarms?": By("kind", {"own": Only({"kind": text, **OWN}), "named": Only({"kind": text, "names": [text], "own?": Only(OWN)})}),
    "watchSeconds?": waited,
})
GATES = {"outcome": {"passed", "blocked"}, "step?": {"gates", "matrix"}, "requirements": DIGEST, "policy": DIGEST}
OF_PASSKEY = {"passkey": DIGEST, "owner": IDENTITY, "person": IDENTITY, "groups": [text]}
OF_DELEGATION = {
    "delegation": DIGEST, "delegator": IDENTITY, "delegate": IDENTITY, "person": IDENTITY, "groups": [text], "passkey?": PASSKEY,
}
INSTALLATION = Only(
    recordVersion=count, number=count, issuer=some, audiences=some_each, passkeys=Only(rpId=some, origins=some_each), attestationBase=some,
    logOrigin=some, **{"subjectClaim?": {"oid"}},
)
OF_KEY = {
    "role": {"attestation", "checkpoint"}, "generation": count, "keyid": DIGEST, "key": text, "change": text,
    "voucher": nullable(Only(payloadType=text, payload=lambda value: isinstance(value, str), signatures=[Only(keyid=text, sig=text)])),
}

REMEDIES = {"keep", "previous", "stop"}

FORMS = {
    "request": {
        "model": {"name": slug, "type": slug, "version": text}, "target": slug, "freezeDigest": DIGEST, "requester": IDENTITY,
        "expiresAt": at, "startedBy?": AUTHOR, "requirements": DIGEST, "release": {"first", "update"},
        "reapproves?": PROMOTION,
    },
    "freeze": {"freezeDigest": DIGEST, "frozen": [{"name": text, "key": text, "versionId": text}]},
    "gates": GATES,
    "policy-proposed": {"former": DIGEST, "proposed": DIGEST},
    "policy-activated": {"policy": DIGEST, "number": count, "former?": DIGEST},
    "blocked": {"step?": {"freeze", "policy", "stage", "shadow", "deploy"}},
    "supersedes": {"promotions": [{"id": PROMOTION, "freezeDigest": DIGEST}], "kept": [KEPT]},
    "superseded": {"by": PROMOTION},
    "shadow-run": By("state", {
        "started": {"plan": DIGEST, "beside": text}, "nothing-to-compare": {"plan": DIGEST}, "running": {}, "over": {"requests": count},
        "reported": {"evidence": Only(kind=text, format=text, name=text, mediaType=text, size=count, sha256=DIGEST)},
    }),
    "stage-opened": {"stage": count, "name": text, "round": count, "review": count, "deadline": at},
    "sign-off": SIGN_OFF,
    "sign-off-kept": {**SIGN_OFF, "from": PROMOTION, "recordedAt": at, "kept": {"stage": count, "roles": [text], "review": count}},
    "stage-decided": {"stage": count, "seats": [{"role": text, "person": IDENTITY, "signOff": DIGEST}]},
    "rejected": {"by": [IDENTITY]},
    "loan-requested": {
        "signature": DIGEST, "review": count, "seconds": count, "incident": text, "reason": text, "role": text, "confirms?": DIGEST,
        "lender": IDENTITY, "groups": [text], "signIn?": SIGN_IN, "passkey?": PASSKEY,
    },
    "loan": {
        "lenders": two({"role": text, "person": IDENTITY, "signature": DIGEST}), "seconds": count, "incident": text, "at": at, "until": at,
        "budget": {"period": text, "number": count, "of": count},
    },
    "loan-refused": {"signature": DIGEST},
    "loan-taken-back": {"serves": nullable(text)},
    "held": {"window?": text, "until?": at},
    "verdict": {"result": {"PASSED", "FAILED"}, "loan?": true, "policy?": DIGEST, "exception?": {"window": text, "reason": text}},
    "deployment-started": {
        "endpoint": text, "previous": nullable(text), "gone?": true, "verdict": DIGEST, "conditions?": IN_FORCE, "image": text,
        "infrastructure?": [{"plan": DIGEST, "by": {"change-set", "report"}}], "model": Only(uri=text, versionId=text, sha256=DIGEST),
        "release": RELEASE,
    },
    "traffic-shifted": {"percent": percent},
    "drift": {"action?": REMEDIES, "unlessReapproved?": REMEDIES, "reapproveBy?": at, "reapproval?": PROMOTION, "newer?": PROMOTION},
    "remedy": {
        "remedy": {"previous", "stop"}, "because": {"drift", "not-reapproved"}, "state": {"started", "failed", "done"},
        "to?": PROMOTION, "verdict?": DIGEST,
    },
    "intruder-found": {
        "kind": {"unapproved", "altered", "expired", "missing"}, "running": text, "action": {"report", "take-back"},
        "place": Only(kind=TARGETS, target=text, endpoint=text),
    },
    "intruder-gone": {"found": text},
    "take-back": {"found": text, "state": {"started", "failed"}, "verdict?": DIGEST},
    "passport-issued": {"passport": text, "audience": text, "verdict": DIGEST, "expiresAt": at},
    "passport-redeemed": {"passport": text, "audience": text},
    "plan-reported": {"plan": DIGEST, "outcome": {"applied", "failed"}},
    "deployment-reported": {"outcome": {"deployed", "rolled-back", "failed"}},
    "installation": INSTALLATION,
    "key": By("change", {"published": Only(OF_KEY), "retired": Only(OF_KEY, until=at)}),
    **{f"passkey-{deed}": OF_PASSKEY for deed in ("enrolled", "confirmed", "revoked")},
    **{kind: OF_DELEGATION for kind in ("delegated", "delegation-revoked")},
}


RECORD = Only({
    "recordVersion": lambda value: type(value) is int and value == 1, "id": lambda value: value != "" and at_most(400)(value), "type": text,
    "at": at, "promotion?": PROMOTION, "summary": at_most(65_535), "body": {},
    "attachments": [Only(name=at_most(200), mediaType=at_most(200), sha256=DIGEST)],
})


def check_record(name, record):
    """A record and nothing else; one of a type that is not known here is a later version's."""
    require_known(record["recordVersion"], name)
    require((place := misfit(record, RECORD)) is None, f"{name} is no record of version 1 ({place})")
    names = [each["name"] for each in record["attachments"]]
    require(len(set(names)) == len(names), f"{record['id']} names a document twice")


def check_body(record):
    kind, body = record["type"], record["body"]
    place = misfit(body, form_of(kind, body))
    require(place is None, f"'{record['id']}' does not say what a '{kind}' says ({place})")


def of_people(record):
    """The body without whatever it says of people beside who they are, which is for people."""
    kind, body = record["type"], record["body"]
    seat = lambda each, *names: {**{name: each[name] for name in names}, "person": plain(each["person"])}
    keep = lambda each, *names: {name: each[name] for name in (*names, "stage", "roles", "review")}
    if kind == "supersedes" and "kept" in body:
        return {**body, "kept": [keep(each, "signOff") for each in body["kept"]]}
    if kind == "sign-off-kept":
        body = {**body, "kept": keep(body["kept"])}
    if kind in ("sign-off", "sign-off-kept"):
        place = {"onBehalfOf": {**body["onBehalfOf"], "person": plain(body["onBehalfOf"]["person"])}} if "onBehalfOf" in body else {}
        return {**body, "reviewer": plain(body["reviewer"]), **place}
    if kind == "loan-requested":
        return {**body, "lender": plain(body["lender"])}
    if kind == "stage-decided":
        return {**body, "seats": [seat(each, "role", "signOff") for each in body["seats"]]}
    if kind == "loan":
        return {**body, "lenders": [seat(each, "role", "signature") for each in body["lenders"]]}
    return body


def was_judged(record):
    """Whether a record says what gates came to: also where they passed, and the matrix could not be decided."""
    return record["type"] == "gates" or (record["type"] == "blocked" and record["body"].get("step") in ("gates", "matrix"))


def form_of(kind, body):
    if kind == "blocked" and body.get("step") in ("gates", "matrix"):
        return GATES
    if kind != "seat-reopened":
        return FORMS.get(kind, {})
    if "from" in body:
        return {"from": DIGEST, "to": DIGEST, "fallen": lambda value: value == []}
    if "kept" in body:
        return {"review": count, "kept": [KEPT], "fallen": FALLEN}
    return {"fallen": FALLEN, "breach?": IN_FORCE}


def check_lists(lists):
    """What lies beside a record that it does not hold, and nothing else."""
    form = {"kept?": [Only(KEPT)], "fallen?": [Only(FALLEN[0])]}
    require((place := misfit(lists, form)) is None, f"sign-offs.json is not of the form that is known here ({place})")


def misfit(value, form, place="it"):
    """Where a value is not in a form; None where it is."""
    if isinstance(form, set):
        return None if isinstance(value, str) and value in form else place
    if isinstance(form, list):
        if not isinstance(value, list):
            return place
        return next((found for at, each in enumerate(value) if (found := misfit(each, form[0], inside(place, at)))), None)
    if not isinstance(form, dict):
        return None if form(value) else place
    if not isinstance(value, dict):
        return place
    if isinstance(form, By):
        kind = value.get(form.member)
        known = isinstance(kind, str) and kind in form
        return misfit(value, form[kind], place) if known else inside(place, form.member)
    names = {name.rstrip("?") for name in form}
    if isinstance(form, Only) and set(value) - names:
        return inside(place, min(set(value) - names))
    for name, inner in form.items():
        own = name.rstrip("?")
        if own in value:
            if found := misfit(value[own], inner, inside(place, own)):
                return found
        elif not name.endswith("?"):
            return inside(place, own)
    return None


def inside(place, name):
    return str(name) if place == "it" else f"{place}.{name}"
