"""The forms of requirements.json, of people.json and of what people sign: docs/format.md."""

from encoding import read_canonical, require
from forms import DIGEST, MOST, By, Only, at, at_most, conditions, count, either, misfit, number, shorter, true, written
from quorum import WHITE

ROLE = written("[a-z0-9][a-z0-9-]{0,62}")
SALT = written("[A-Za-z0-9_-]{21}[AQgw]")
PERSON = Only(issuer=at_most(500), subject=at_most(255))
TIMES = {"issuedAt": at, "expiresAt": at}
SHA = Only(sha256=DIGEST)


def some(form):
    return lambda value: value != "" and misfit(value, form) is None


def from_one(value):
    return count(value) and value > 0


def parts(form, most=MOST):
    """A list of one at least."""
    return lambda value: isinstance(value, list) and 0 < len(value) <= most and misfit(value, [form]) is None


def said(value):
    return at_most(4000)(value) and value.strip(WHITE) != ""


def roles(value):
    return parts(ROLE, 20)(value) and len(set(value)) == len(value)


def encoded(least, most=None):
    return written(f"[A-Za-z0-9_-]{{{least},{most or least}}}")


INCIDENT = lambda value: at_most(500)(value) and written(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][\x21-\x7e]*)?")(value)
KEY = By("kty", {
    "EC": Only(kty=shorter, crv={"P-256"}, x=encoded(43), y=encoded(43)), "OKP": Only(kty=shorter, crv={"Ed25519"}, x=encoded(43)),
    "RSA": Only(kty=shorter, n=encoded(342, 683), e=encoded(2, 4)),
})
NAMED = Only(issuer=at_most(500), subject=some(at_most(255)))

# Of a sign-off and a loan what else there is follows from the promotion.
PREDICATES = {
    "sign-off": {
        "result": {"approve", "reject", "withdraw"}, "reason": at_most(4000), "roles": roles, "reviewer": PERSON,
        "onBehalfOf?": Only(person=PERSON, delegation=SHA), "conditions?": conditions, "salt": SALT, **TIMES,
    },
    "loan": {
        "terms": Only(seconds=from_one, incident=INCIDENT), "reason": said, "role": ROLE, "lender": PERSON, "confirms?": SHA, "salt": SALT, **TIMES,
    },
    "passkey": Only({
        "deed": {"enrol", "confirm", "revoke"}, "person": PERSON, "reason": at_most(1000), "salt": SALT, **TIMES,
        "passkey": Only(
            owner=PERSON, name=some(at_most(80)), credentialId=encoded(1, 1364), publicKey=KEY, rpId=some(at_most(253)), origin=some(at_most(300)),
        ),
    }),
    "delegation": Only({
        "deed": {"delegate", "revoke"}, "person": NAMED, **TIMES,
        "delegation": Only({
            "delegator": NAMED, "delegate": NAMED, "role": ROLE, "from": at, "until": at, "reason": at_most(1000), "salt": SALT,
            "scope": Only({"model?": some(at_most(200)), "modelType?": ROLE, "target?": ROLE}),
        }),
    }),
}


def check_predicate(kind, predicate):
    """What is signed, as far as its form tells what is wrong."""
    require((place := misfit(predicate, PREDICATES[kind])) is None, f"a statement is not in its form ({place})")
    require("conditions" not in predicate or predicate["result"] == "approve", "only an approval has conditions")


BOUNDS = {"atLeast?": number, "below?": number}
WHEN = {"when?": [By("fact", {
    **{name: Only(fact=shorter, oneOf=[shorter]) for name in ("riskTier", "dataClass", "release")},
    "metric": Only({"fact": shorter, "name": shorter, **BOUNDS}), "infrastructureChanges": Only({"fact": shorter, **BOUNDS}),
})]}
WHY = {**WHEN, "because?": shorter}
MOST_SEATS, MOST_WAYS = 50, 64


def asked(value):
    """What a stage requires: somebody in a role, all of several, or any."""
    return either(
        Only({**WHY, "role": shorter, "count": lambda each: from_one(each) and each <= MOST_SEATS}), Only({**WHY, "all": parts(asked)}),
        Only({**WHY, "any": parts(asked)}),
    )(value)


def weigh(requires):
    """In how many ways it is met, and how many sign at most."""
    if "role" in requires:
        return 1, requires["count"]
    ways, seats = zip(*map(weigh, requires.get("all", requires.get("any"))))
    product = 1
    for each in ways:
        product *= each
    return (product, sum(seats)) if "all" in requires else (sum(ways), max(seats))


def stage(value):
    form = Only({
        **WHY, "name": shorter, "requires": asked, "minimumReviewSeconds": count, "deadlineSeconds?": count, "rejectionsToStop": from_one,
    })
    if misfit(value, form) is not None:
        return False
    ways, seats = weigh(value["requires"])
    return ways <= MOST_WAYS and seats <= MOST_SEATS


REMEDY = {"keep", "previous", "stop"}
RULE = Only({
    "modelType": shorter, "target": shorter, **WHEN, "unlinkableAuthors?": {"allowed"}, "carryOverSeconds?": count, "onDrift?": REMEDY,
    "ifNotReapproved?": {"previous", "stop"}, "onIntruder?": {"report", "take-back"},
    "shadow?": Only({
        "durationSeconds": count, "requests": count, "withinSeconds": count, "agreement?": number, "errorPercent?": number,
        "p95Milliseconds?": number, "psi?": number, "required?": true,
        "answers?": Only({"list?": shorter, "score?": shorter, "decision?": shorter, "threshold?": number}),
    }),
    "loan?": Only(roles=parts(shorter), maximumSeconds=from_one, budget=Only(loans=from_one, per={"month", "quarter", "year"})),
    "conditions?": either(
        {"forbidden"}, Only({"allowed?": [{"trafficPercent", "errorPercent", "p95Milliseconds"}], "maximumSeconds?": count}),
    ),
    "escalation?": Only(afterSeconds=count, to=shorter), "expiresAfterSeconds": count, "stages": parts(stage, 50),
    "excludes": [{"requester", "started-the-run", "trained-the-model", "wrote-the-code", "owns-the-data", "wrote-the-infrastructure"}],
})


def each_of(form):
    """An object whose members are all in one form."""
    return lambda value: isinstance(value, dict) and all(misfit(inner, form) is None for inner in value.values())


REQUIREMENTS = Only({
    "requirementsVersion": lambda value: type(value) is int and value == 1, "rule": RULE,
    "roles": each_of(Only({
        "title": shorter, "groups": [shorter], "issuers?": [shorter], "rejectionsToStop?": from_one, "judges": [{"model", "data", "infrastructure"}],
        "signIn?": Only({"acr?": [shorter], "amr?": [shorter]}), "secondFactor?": {"passkey"},
    })),
    "gates": Only(wasm=DIGEST, thresholds=lambda value: True),
    "decided?": Only(
        rule=RULE, passedOver=[WHEN["when?"]],
        facts=Only({
            "riskTier?": shorter, "dataClass?": shorter, "release?": {"first", "update"},
            "evidence?": Only({"metrics": each_of([number]), "infrastructureChanges?": count}),
        }),
    ),
})
SOMEBODY = Only(issuer=shorter, subject=shorter)
PEOPLE = Only({
    "peopleVersion": lambda value: type(value) is int and value == 1, "salt": written("[0-9a-f]{32}"),
    "members": [Only(identity=SOMEBODY, address=shorter, groups=[shorter], enabled=lambda value: isinstance(value, bool))],
    "people": [Only(
        addresses=[shorter], accounts=[Only(provider={"github", "gitlab"}, id=shorter)], identities=[SOMEBODY],
        outside=lambda value: isinstance(value, bool),
    )],
})


def read_requirements(data):
    return read_in_form("requirements.json", REQUIREMENTS, data)


def read_people(data):
    return read_in_form("people.json", PEOPLE, data)


def read_in_form(name, form, data):
    value = read_canonical(data)
    require((place := misfit(value, form)) is None, f"{name} is not in its form ({place})")
    return value
