"""Who may decide, and when a quorum is reached: docs/format.md."""

import itertools
import unicodedata

from encoding import canonical, identity, instant, later

HANDS = {
    "trained-the-model": "trainedBy",
    "wrote-the-code": "codeAuthors",
    "owns-the-data": "dataOwners",
    "wrote-the-infrastructure": "infrastructureAuthors",
}


ARTIFACTS = {"model": "model", "environment": "model infrastructure", "training-data": "data", "infrastructure": "infrastructure"}
EVIDENCE = {
    "model-quality": "model", "bias": "model data", "explainability": "model", "toxicity": "model", "shadow-run": "model",
    "unit-tests": "model", "model-card": "model data", "data-schema": "data", "data-validation": "data",
    "security-scan": "model infrastructure", "iac-plan": "infrastructure", "drift": "model data",
}


def part(freeze, name):
    """What of a candidate belongs to a part that roles judge."""
    return canonical([
        freeze["model"] if name == "model" else None,
        freeze["target"] if name == "infrastructure" else None,
        freeze.get("classification"),
        [each for each in freeze["artifacts"] if name in ARTIFACTS[each["role"]].split()],
        [each for each in freeze["evidence"] if name in EVIDENCE[each["kind"]].split()],
    ])


PARTS = ["model", "data", "infrastructure"]
# What bears on which parts, of the thresholds and of the documents that gates judge by; what is not named bears on all.
THRESHOLDS = {
    "target": "", "quality": "model", "fairness": "model data", "data": "data", "security": "model infrastructure",
    "infrastructure": "infrastructure", "modelCard": "model data", "capacity": "model infrastructure", "champion": "model data",
}
DOCUMENTS = {"earlier-releases.json": "model data", "_shadow-run.json": "model"}


def bearing(table, name):
    return table[name].split() if name in table else PARTS


def differing(was, now):
    return [name for name in {**was, **now} if canonical(was.get(name)) != canonical(now.get(name))]


def asked_otherwise(was, now):
    """The parts of which the gates ask something else."""
    if was["wasm"] != now["wasm"] or not isinstance(was["thresholds"], dict) or not isinstance(now["thresholds"], dict):
        return PARTS if canonical(was) != canonical(now) else []
    was, now, found = was["thresholds"], now["thresholds"], []
    for name in differing(was, now):
        if name in ("artifacts", "evidence"):
            table = ARTIFACTS if name == "artifacts" else EVIDENCE
            for each in set(was.get(name, [])) ^ set(now.get(name, [])):
                found += bearing(table, each)
        elif name == "measures":
            for kind in differing(was.get(name, {}), now.get(name, {})):
                found += bearing(EVIDENCE, kind)
        else:
            found += bearing(THRESHOLDS, name)
    return found


def why_not_kept(role, stage, older, newer, conditional):
    named = [(each["freeze"]["model"]["name"], each["freeze"]["target"]["name"]) for each in (older, newer)]
    if named[0] != named[1]:
        return "it was given for another model or target"
    if "shadow" in newer["requirements"]["rule"] and "model" in newer["requirements"]["roles"].get(role, {}).get("judges", []):
        return "the newer candidate runs in shadow yet"
    return why_reopened(role, stage, older, newer, conditional)


def why_reopened(role, stage, older, newer, conditional):
    """Why a seat is open again because of what changed; of an approval that has conditions or none."""
    rules = [each["requirements"]["rule"] for each in (older, newer)]
    otherwise = lambda name: canonical(rules[0].get(name)) != canonical(rules[1].get(name))
    if conditional and otherwise("conditions"):
        return "which conditions may be set is ruled otherwise now"
    stages = newer["requirements"]["rule"]["stages"]
    if stage >= len(stages) or canonical(stages[stage]) != canonical(older["stage"]):
        return "its stage is asked for otherwise now"
    was, now = (each["requirements"]["roles"].get(role) for each in (older, newer))
    if role not in roles_of(older["stage"]["requires"]) or canonical(was) != canonical(now):
        return "its role is another now"
    changed = asked_otherwise(*(each["requirements"]["gates"] for each in (older, newer))) + (["model"] if otherwise("shadow") else [])
    for name in differing(older.get("beside", {}), newer.get("beside", {})):
        changed = changed + bearing(DOCUMENTS, name)
    if older["freeze"] != newer["freeze"]:
        changed = changed + [name for name in PARTS if part(older["freeze"], name) != part(newer["freeze"], name)]
    return "what it judges has changed" if set(changed) & set(now["judges"]) or not now["judges"] else None


# What ECMAScript trims, which is not what Python does.
WHITE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def normal(address):
    return unicodedata.normalize("NFC", address).strip(WHITE).lower()


class People:
    """Which identities are one person, by addresses and entries of people.yaml."""

    guessed = False

    def __init__(self, members, people, signed=None):
        self.members, self.entries, self.parents = members, people, {}
        self.objectors = None if signed is None else People(signed, people)
        for member in members:
            if normal(member["address"]):
                self.link(identity(member["identity"]), normal(member["address"]))
        for number, person in enumerate(people):
            for name in [*map(normal, person["addresses"]), *map(identity, person["identities"])]:
                self.link(number, name)

    def root(self, name):
        while name in self.parents:
            name = self.parents[name]
        return name

    def link(self, a, b):
        a, b = self.root(a), self.root(b)
        if a != b:
            self.parents[a] = b

    def of(self, who):
        return self.root(identity(who))

    def objector(self, who):
        """Whoever rejects, as the sign-ins tell: the directory's word takes no rejection away."""
        return (self.objectors or self).of(who)

    def named(self, author):
        """The persons whom an author may be."""
        found = set()
        if "address" in author:
            found.add(self.root(normal(author["address"])))
        if "identity" in author:
            found.add(self.of(author["identity"]))
        for number, person in enumerate(self.entries):
            names = [*map(normal, person["addresses"]), *map(identity, person["identities"]), *map(canonical, person["accounts"])]
            key = (
                normal(author["address"]) if "address" in author
                else canonical(author["account"]) if "account" in author
                else identity(author["identity"])
            )
            if key in names:
                found.add(self.root(number))
        return found


def excluded(people, rule, freeze, request):
    found = set()
    for duty in rule["excludes"]:
        if duty == "requester":
            authors = [{"identity": freeze["requester"]}]
        elif duty == "started-the-run":
            authors = [request["startedBy"]] if "startedBy" in request else []
        else:
            authors = freeze["lineage"][HANDS[duty]]
        for author in authors:
            found |= people.named(author)
    return found


def gives(role, issuer, groups):
    return issuer in role.get("issuers", [issuer]) and any(group in groups for group in role["groups"])


def in_place(name, role, sign_off, freeze, directory=None):
    """Whether a sign-off in another's place stands for that person in a role."""
    place, at = sign_off["place"], instant(sign_off["at"])
    if place is None:
        return False
    terms = place["delegation"]
    scope = {"model": freeze["model"]["name"], "modelType": freeze["model"]["type"], "target": freeze["target"]["name"]}
    if (
        identity(terms["delegator"]) != identity(sign_off["onBehalfOf"]["person"])
        or identity(terms["delegate"]) != identity(sign_off["reviewer"])
        or terms["role"] != name
        or any(scope[part] != wanted for part, wanted in terms["scope"].items())
        or not max(instant(terms["from"]), instant(place["at"])) <= at < instant(terms["until"])
        or ("revoked" in place and instant(place["revoked"]) <= at)
        or not gives(role, terms["delegator"]["issuer"], place["groups"])
    ):
        return False
    if directory is None:
        return True
    member = directory.get(identity(terms["delegator"]))
    return member is not None and member["enabled"] and gives(role, member["identity"]["issuer"], member["groups"])


def holds(name, role, sign_off, freeze, directory=None):
    """By the token, and by the directory where one is given."""
    stands_in = "onBehalfOf" in sign_off
    if stands_in and not in_place(name, role, sign_off, freeze, directory):
        return False
    if stands_in and role.get("secondFactor") == "passkey" and "passkey" not in sign_off["place"]:
        return False
    if not stands_in and not gives(role, sign_off["reviewer"]["issuer"], sign_off["groups"]):
        return False
    asked, sign_in = role.get("signIn", {}), sign_off.get("signIn", {})
    if "acr" in asked and sign_in.get("acr") not in asked["acr"]:
        return False
    if any(method not in sign_in.get("amr", []) for method in asked.get("amr", [])):
        return False
    if role.get("secondFactor") == "passkey" and not sign_off["standsPasskey"]:
        return False
    if directory is None:
        return True
    member = directory.get(identity(sign_off["reviewer"]))
    if member is None or not member["enabled"]:
        return False
    return stands_in or gives(role, member["identity"]["issuer"], member["groups"])


def ways_of(requires):
    if "role" in requires:
        return [[requires["role"]] * requires["count"]]
    if "any" in requires:
        return [way for part in requires["any"] for way in ways_of(part)]
    return [list(itertools.chain(*parts)) for parts in itertools.product(*map(ways_of, requires["all"]))]


def ways(requires):
    seen = set()
    return [way for way in ways_of(requires) if not (key := tuple(sorted(way))) in seen and not seen.add(key)]


def roles_of(requires):
    return sorted({role for way in ways_of(requires) for role in way})


def seated(way, votes):
    """For each seat the vote that fills it, or None."""
    holders, vain = [None] * len(way), set()

    def sit(vote, path):
        for seat, role in enumerate(way):
            if holders[seat] is None and role in vote["roles"]:
                holders[seat] = vote
                return True
        for seat, role in enumerate(way):
            if seat in vain or holders[seat] is None or role not in vote["roles"]:
                continue
            vain.add(seat)
            path.append(seat)
            if sit(holders[seat], path):
                holders[seat] = vote
                return True
        return False

    for vote in votes:
        path = []
        if None in holders and sit(vote, path):
            vain.difference_update(path)
    return holders


def in_order(sign_offs):
    return sorted(sign_offs, key=lambda each: (each["at"], each["result"] != "reject", each["signOff"]))


class Review:
    """A promotion's sign-offs as they stand at one moment."""

    def __init__(self, state, people, sign_offs, directory=None):
        self.state, self.people, self.directory = state, people, directory
        self.rule, self.roles = state["requirements"]["rule"], state["requirements"]["roles"]
        self.sign_offs = in_order(sign_offs)
        lenders = {people.of(each) for each in state.get("lent", [])}
        self.barred = excluded(people, self.rule, state["freeze"], state["request"]) | lenders

    def latest(self, stage):
        found = {}
        for each in self.sign_offs:
            if each["review"] == self.state["review"] and each["stage"] == stage:
                found.pop(self.people.of(each["reviewer"]), None)
                found[self.people.of(each["reviewer"])] = each
        return found

    def counts(self, each):
        return (
            each["result"] == "approve"
            and each["review"] == self.state["review"]
            and each["signOff"] not in self.state["invalidated"]
            and not self.both(each) & self.barred
        )

    def both(self, each):
        """The signer, and the person in whose place they sign."""
        own = {self.people.of(each["reviewer"])}
        return own | ({self.people.of(each["onBehalfOf"]["person"])} if "onBehalfOf" in each else set())

    def in_seats(self, seats):
        """Everybody who takes a seat, a person as often as they do."""
        ids = {each["signOff"]: each for each in self.sign_offs}
        return [person for seat in seats for person in self.both(ids.get(seat["signOff"], {"reviewer": seat["person"]}))]

    def escalated(self, each):
        """The role that may fill any seat of its stage by then, so long after the stage was opened first in this review."""
        to = self.rule.get("escalation")
        opened = [
            one["at"] for one in self.state["openings"]
            if (one["review"], one["stage"]) == (self.state["review"], each["stage"])
        ]
        due = to is not None and opened and later(min(opened), to["afterSeconds"]) <= instant(each["at"])
        return to["to"] if due else None

    def held(self, role, each):
        return holds(role, self.roles[role], each, self.state["freeze"], self.directory)

    def reached(self, stage):
        """The seats of the first way that is filled, or None."""
        others = [seat for index, seats in self.state["settled"].items() if index != stage for seat in seats]
        elsewhere, represented, latest = set(self.in_seats(others)), set(), self.latest(stage)
        requires = self.rule["stages"][stage]["requires"]
        votes = []
        for person, each in latest.items():
            if not self.counts(each) or self.both(each) & elsewhere:
                continue
            stood_for = self.both(each) - {person} if "onBehalfOf" in each else set()
            if any(latest.get(other, {"result": "withdraw"})["result"] != "withdraw" for other in stood_for) or stood_for & represented:
                continue
            asked, to = roles_of(requires), self.escalated(each)
            roles = {role for role in asked if role in each["roles"] and self.held(role, each)}
            if to in each["roles"] and self.held(to, each):
                roles = set(asked)
            if roles:
                represented |= stood_for
                votes.append({**each, "roles": roles})
        for way in ways(requires):
            holders = seated(way, votes)
            if None not in holders:
                return [
                    {"role": role, "person": vote["reviewer"], "signOff": vote["signOff"]} for role, vote in zip(way, holders)
                ]
        return None

    def stands(self, stage, seats):
        """Whether every seat of a settled stage still is what it was."""
        return self.fits(stage, seats) and all(self.stands_in(stage, seat) for seat in seats)

    def fits(self, stage, seats):
        return sorted(seat["role"] for seat in seats) in [sorted(way) for way in ways(self.rule["stages"][stage]["requires"])]

    def stands_in(self, stage, seat):
        each = self.by_id().get(seat["signOff"])
        return (
            each is not None
            and self.counts(each)
            and self.latest(stage).get(self.people.of(seat["person"]), {}).get("result") == "approve"
            and any(role in each["roles"] and self.held(role, each) for role in (seat["role"], self.escalated(each)))
        )

    def by_id(self):
        return {each["signOff"]: each for each in self.sign_offs}

    def lost(self):
        """The sign-offs in seats that do not stand any more; whoever is in two keeps the first."""
        taken, found = set(), set()
        for stage, seats in sorted(self.state["settled"].items()):
            fits = self.fits(stage, seats)
            for seat in seats:
                both = set(self.in_seats([seat]))
                if not fits or both & taken or not self.stands_in(stage, seat):
                    found.add(seat["signOff"])
                else:
                    taken |= both
        return found

    def rejected_by(self):
        return [each["reviewer"] for each in self.decisive()] or None

    def decisive(self):
        """The rejections that ended the promotion; none where none did."""
        escalated = [self.rule["escalation"]["to"]] if "escalation" in self.rule else []
        named = sorted({role for stage in self.rule["stages"] for role in roles_of(stage["requires"])} | set(escalated))
        standing = {}
        for each in self.sign_offs:
            if each["review"] != self.state["review"]:
                continue
            of_stage = standing.setdefault(each["stage"], {})
            of_stage.pop(self.people.objector(each["reviewer"]), None)
            held = [
                role for role in named
                if gives(self.roles[role], each["reviewer"]["issuer"], each["groups"])
                or in_place(role, self.roles[role], each, self.state["freeze"])
            ]
            if each["result"] != "reject" or not held or each["signOff"] in self.state["invalidated"]:
                continue
            of_stage[self.people.objector(each["reviewer"])] = (each, held)
            if self.enough(of_stage.values(), self.rule["stages"][each["stage"]]["rejectionsToStop"], named):
                return [no for no, _ in of_stage.values()]
        return []

    def enough(self, rejections, of_stage, named):
        own = lambda role: self.roles[role].get("rejectionsToStop")
        towards = [held for _, held in rejections if any((own(role) or of_stage) <= of_stage for role in held)]
        if len(towards) >= of_stage:
            return True
        return any(own(role) and sum(role in held for _, held in rejections) >= own(role) for role in named)


def until(sign_offs, at, seconds):
    return [each for each in sign_offs if (instant(each["at"]) - instant(at)).total_seconds() <= seconds]


TOLERANCE = 5
WRITTEN = 3


def surely(sign_offs, at):
    """What whoever decided at an instant had read: an approval is written some seconds after the time that it is recorded as of."""
    return [each for each in sign_offs if instant(each["at"]) <= later(at, -TOLERANCE - (WRITTEN if each["result"] == "approve" else 0))]


def as_seen(sign_offs, at, speaks_for):
    """What may have been read by then: of the last seconds the approvals that the decision speaks for, and what else came one after the other."""
    yield until(sign_offs, at, TOLERANCE)
    sure = {each["signOff"] for each in surely(sign_offs, at)}
    late = [each for each in until(sign_offs, at, TOLERANCE) if each["signOff"] not in sure]
    others = [each["signOff"] for each in late if each["result"] != "approve"]
    named = {each["signOff"] for each in late if each["result"] == "approve" and speaks_for(each)}
    for count in range(len(others), -1, -1):
        yield [each for each in sign_offs if each["signOff"] in sure | named | set(others[:count])]
