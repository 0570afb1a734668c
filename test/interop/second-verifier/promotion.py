"""The life of one promotion, told again from its records: docs/format.md."""

import math
import re

from encoding import Wrong, canonical, canonical_bytes, digest, identity, instant, later, parse, read_canonical, require, require_known, unix
from aftermath import ENDED, check_intruders, check_judged_in_shadow, check_remedy, check_shadow_report, check_shadow_time
from documents import read_people, read_requirements
from forms import was_judged
from frozen import read_freeze
from loan import check_as_of_now, given, lender, member, ran_longer
from people import as_decided, as_verified, authors_of, check_kept, check_strangers, named_people, names_untold
from policies import check_of_policies, check_shown, check_unambiguous, version_of
from quorum import People, Review, as_seen, excluded, in_order, normal, surely, until, why_not_kept, why_reopened
from passports import check_passports
from release import (check_allowed, check_form, check_held, check_release, check_share, check_target, check_time, check_told, check_watched, in_force,
                     latest_end, same, those_that_fall)
from served import check_id, check_repeated, check_served
from windows import said_in
from statements import NAMES, SKEW, address_in, challenge_of, check_assertion, open_envelope, require_subject, same_person, sign_in_of

TOLERANCE = 5
# What was revoked may be written 3 seconds after its own time.
UNSEEN = TOLERANCE + 3
HEARD = 900
AT_ONCE = 60
OF_WHAT_RUNS = ("deployment-started", "traffic-shifted", "drift", "loan", "shadow-run")
ALWAYS = ("gate-report.json", "evidence-summary.json", "requirements.json", "policies.json", "people.yaml", "channels.yaml", "gates.wasm")


def is_one(one, other):
    """Whether two sign-offs are one person's by their tokens."""
    return identity(one["reviewer"]) == identity(other["reviewer"]) or normal(one["email"]) == normal(other["email"]) != ""


def as_revoked(sign_offs, at, rests):
    """Sign-offs with every revocation of a delegation, and without those that may not have been seen at an instant: of what a decision rests on, or of all."""
    yield sign_offs
    late = lambda place: place is not None and "revoked" in place and later(at, -UNSEEN) < instant(place["revoked"]) <= later(at, TOLERANCE)
    unseen = [each["onBehalfOf"]["delegation"] for each in sign_offs if late(each["place"])]
    behind = [each["onBehalfOf"]["delegation"] for each in sign_offs if late(each["place"]) and rests(each)]
    unrevoked = lambda place: {name: told for name, told in place.items() if name != "revoked"}
    for those in filter(None, (behind, unseen)):
        yield [{**each, "place": unrevoked(each["place"])} if each.get("onBehalfOf", {}).get("delegation") in those else each for each in sign_offs]


def belied(finding):
    """Whether a rule passed that did not by what its finding says was seen and asked for."""
    number = lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
    seen, bounds = finding["observed"], finding["required"] if isinstance(finding["required"], dict) else {}
    least, most = bounds.get("min"), bounds.get("max")
    out = number(seen) and (number(least) and seen < least or number(most) and seen > most)
    return finding["status"] == "passed" and out


def seated_in(seats):
    return lambda each: each["signOff"] in [seat["signOff"] for seat in seats]


class Promotion:
    """The life of one promotion, told again from its records."""

    def __init__(self, pack, name, records):
        self.pack, self.name, self.records = pack, name, records
        self.status, self.counted, self.lenders, self.notes = None, [], [], []
        self.openings, self.once, self.beside_nothing, self.life = [], set(), None, []
        self.authors_untold = False
        self.statements = []
        self.state = {"review": 1, "settled": {}, "invalidated": set(), "stage": None, "gates": {}, "judged": {}, "kept": {}, "keptWrongly": {}}
        self.state["openings"] = self.openings

    def verify(self):
        others = []
        expected = 0
        for index, record in self.records:
            require(record["id"].startswith(f"{self.name}/"), f"'{record['id']}' is no record of {self.name}")
            if re.fullmatch(re.escape(self.name) + "/[0-9]+", record["id"]):
                require(record["id"] == f"{self.name}/{expected}", f"'{record['id']}' stands where '{self.name}/{expected}' belongs")
                expected += 1
            else:
                others.append((index, record))
        self.before = self.ended_at = None
        self.latest = ""
        # Sign-offs stand among the history; what they say is held against the review that they name.
        history = [each for each in self.records if each not in others]
        self.judge_gates(history)
        self.named = named_people(pack=self.pack, history=history)
        for index, record in others:
            if record["type"] == "sign-off":
                self.counted.append(self.sign_off(index, record))
            elif record["type"] == "sign-off-kept":
                self.counted += self.kept_sign_off(index, record)
            elif record["type"] == "loan-requested":
                gates = self.state["gates"].get(record["body"]["review"])
                require(gates is not None, "a loan names a review that never was")
                each = lender(self.pack, self.name, index, record, gates, self.state["frozen"])
                self.notes += ["an ID token was left out"] if each["tokenLeftOut"] else []
                self.lenders.append(each)
        self.own = [each for each in self.counted if "kept" not in each]
        for _, record in others:
            check_id(self.name, record)
        life = self.life
        for index, record in history:
            self.step(index, record)
            if self.ended_at is None and self.status in ENDED:
                self.ended_at = record["at"]
            life.append((record, self.status))
        check_passports(self.pack, others, life)
        for _, record in others:
            if record["type"] == "drift":
                before = [(each["type"], status) for each, status in life if instant(each["at"]) <= later(record["at"], TOLERANCE)]
                told = any(kind == "drift" for kind, _ in before) or (before and before[-1][1] in ENDED)
                require(told, "drift is told beside the history of what was not restricted for it")
            if record["type"] == "outcome":
                begun = [each for each, _ in life if each["type"] == "deployment-started"]
                ran = any(instant(each["at"]) <= later(record["at"], TOLERANCE) for each in begun)
                require(ran, "what became of a candidate is told, and it had not begun to be deployed")
            if record["type"] in ("plan-reported", "deployment-reported"):
                self.check_asked(record)
        self.life = life
        verdicts = [self.state[name] for name in ("verdict", "loanVerdict") if name in self.state]
        check_intruders(self.pack, others, [each["digest"] for each in verdicts if each["result"] == "PASSED"], life, self.state.get("freeze"))
        self.check_times()
        self.check_order()
        self.check_rested()
        self.check_stopped()
        self.check_statements()
        self.notes += ran_longer(self)
        if self.pack.manifest["packVersion"] == 1 and self.shown_though_gone():
            self.notes.append("its report is of version 1, and shows a verdict that was taken away again")
        if self.status in ("withdrawn", "blocked", "failed") and self.openings:
            self.notes.append("that nobody had rejected it by then is told by nothing: a rejection that is left out leaves no gap")
        return f"{self.name}: PASSED, {self.status}, {len(self.counted)} sign-offs" + "".join(f"; {note}" for note in self.notes)

    def shown_though_gone(self):
        """Whether the last verdict is PASSED and was taken away again, which reports of version 1 do not say."""
        passed, lent = None, False
        for record, _ in self.life:
            kind, body = record["type"], record["body"]
            over = kind in ("loan-ended", "loan-ratified")
            lent = (lent or kind == "loan") and not over
            if kind == "verdict":
                passed, gone = body, False
            elif passed is not None:
                back = kind == "seat-reopened" and "kept" not in body or kind == "held" and "until" in body and not lent
                gone = gone or (over if passed.get("loan") else back)
        return passed is not None and passed["result"] == "PASSED" and gone

    def windowed(self):
        """The records that say something of freeze windows, and what; by none a change of the policies is held up."""
        if self.of_what() is None:
            return
        lent = {record["id"]: before == "loaned" for (record, _), before in zip(self.life, [None, *(status for _, status in self.life)])}
        for index, record in self.records:
            said = said_in(record, lent.get(record["id"], False))
            if said is not None:
                yield index, record, said

    def of_what(self):
        """The names of model and target, as windows have them; None of a change of the policies."""
        freeze, asked = self.state.get("freeze"), self.state["request"]
        if freeze is None:
            return None if asked["model"]["type"] == "policy" else (asked["model"]["name"], asked["target"])
        return None if freeze["target"]["kind"] == "policy" else (freeze["model"]["name"], freeze["target"]["name"])

    def judged_by(self, index, record):
        """The policies by which something was judged: those that it names, or those of the last gates before it."""
        by = record if record["type"] == "verdict" else None
        for place, each in self.records:
            if by is not record and place <= index and was_judged(each):
                by = each
        return (None, None) if by is None else (by["body"].get("policy"), self.pack.document(by, "policies.json"))

    def judge_gates(self, history):
        """What each review was judged by, which its sign-offs name."""
        review = 1
        for index, record in history:
            if record["type"] == "request":
                self.state["request"], self.state["asked"] = record["body"], record["at"]
                require(self.name.startswith(f"p-{record['body']['freezeDigest'][:32]}-"), "a promotion's id is of another candidate")
            if record["type"] == "freeze":
                data = self.pack.document(record, "freeze.json")
                require(digest(data) == self.state["request"]["freezeDigest"], "another candidate was frozen than asked for")
                require(digest(data) == record["body"]["freezeDigest"], "another candidate was frozen than its record says")
                self.state["freeze"], self.state["digest"] = read_freeze(data), digest(data)
                check_of_policies(self.state["freeze"])
                check_unambiguous(self.state["freeze"])
                self.state["frozen"] = data
                kept = {each["name"]: each["sha256"] for each in record["attachments"]}
                for each in self.state["freeze"]["evidence"]:
                    require(kept.get(each["name"]) == each["sha256"], "the evidence that was kept is not the one that was frozen")
                copies = {each["name"]: each["key"] for each in record["body"]["frozen"]}
                once = len(record["body"]["frozen"]) == len(self.state["freeze"]["artifacts"])
                require(once, "an artifact is said to be frozen twice, or something that is none")
                for each in self.state["freeze"]["artifacts"]:
                    wanted = f"frozen/{each['sha256']}/{each['name']}"
                    require(copies.get(each["name"]) == wanted, "an artifact was frozen with other bytes than declared")
                self.state["copies"] = record["body"]["frozen"]
            if was_judged(record):
                gates = self.judged(record)
                if record["type"] == "gates":
                    self.state["gates"][review] = self.state["judged"][index] = gates
            if record["type"] == "supersedes":
                self.state["taken"] = (review, self.state["gates"].get(review))
            if record["type"] == "seat-reopened" and "from" in record["body"]:
                review += 1
        self.judge_end()

    def judged(self, record):
        """What gates were judged by: the documents beside the record, which belong to each other."""
        body, documents = record["body"], {name: self.pack.document(record, name) for name in ALWAYS}
        data, policy = documents["requirements.json"], digest(documents["policies.json"])
        require(digest(data) == body["requirements"], "gates name other requirements than they bring")
        require(policy == body["policy"], "gates name other policies than they bring")
        self.pack.judged.append((record["at"], policy))
        requirements, report = read_requirements(data), read_canonical(documents["gate-report.json"])
        require(requirements["gates"]["wasm"] == digest(documents["gates.wasm"]), "gates were judged by another policy than the requirements name")
        require(report["outcome"] == body["outcome"], "the gate report says something else than its record")
        require(not any(map(belied, report["findings"])), "the gate report lets pass what is out of the bounds that it names")
        require(report["evaluatedAt"] == record["at"], "the gate report says another time than its record")
        require(report["freezeDigest"] == self.state["digest"], "the gate report is about another candidate")
        beside = {each["name"]: each["sha256"] for each in record["attachments"] if each["name"] not in ALWAYS}
        compared = report.get("earlierReleases") == beside.get("earlier-releases.json")
        require(compared, "the gate report compares with other releases than its record brings")
        shown = digest(documents["evidence-summary.json"])
        read_canonical(documents["evidence-summary.json"])
        tried = [each["dryRunUntil"] for each in report["findings"] if each["status"] != "passed" and "dryRunUntil" in each]
        return {"requirements": requirements, "sha": digest(data), "shown": shown, "beside": beside, "policy": policy, "tried": tried}

    def judge_end(self):
        """A request's requirements give it its end. What policies ask of it is not derived here."""
        asked = self.state["request"]
        require(asked["model"]["type"] != "policy" or asked["release"] == "update", "a change of the policies is no first release")
        own = [each["requirements"]["rule"] for each in self.state["gates"].values() if each["sha"] == asked.get("requirements")]
        if own:
            end = later(self.state["asked"], own[0]["expiresAfterSeconds"])
            require(instant(asked["expiresAt"]) == end, "a request says another end than its requirements give it")
        if "freeze" in self.state and self.state["freeze"]["target"]["kind"] != "policy" and "expiresAt" in asked:
            self.pack.asked.append((self.name, self.state["freeze"]["model"]["type"], asked, self.state["asked"]))
        if not own and self.state["gates"]:
            self.notes.append("its end and requirements at the request were not told by its gates")

    def sign_off(self, index, record):
        body = record["body"]
        gates = self.state["gates"].get(body["review"])
        require(gates is not None, "a sign-off names a review that never was")
        stages = gates["requirements"]["rule"]["stages"]
        require(body["stage"] < len(stages), "a sign-off names a stage that never was")
        require(record["id"] == f"{self.name}/sign-off/{body['signOff']}", "a sign-off is recorded under another id")
        context = {
            "promotion": self.name, "model": self.state["freeze"]["model"], "target": self.state["freeze"]["target"],
            "review": body["review"], "stage": {"index": body["stage"], "name": stages[body["stage"]]["name"]},
            "requirements": {"sha256": gates["sha"]}, "shown": {"sha256": gates["shown"]},
        }
        return {**self.proven(index, record, record["at"], self.state["digest"], context), "at": record["at"]}

    def kept_sign_off(self, index, record):
        body, kept = record["body"], record["body"]["kept"]
        freeze_data = self.pack.document(record, "original-freeze.json")
        freeze, data = read_freeze(freeze_data), self.pack.document(record, "original-requirements.json")
        stage = read_requirements(data)["rule"]["stages"][body["stage"]]
        require(body["from"].startswith(f"p-{digest(freeze_data)[:32]}-"), "a kept sign-off is of another candidate than it names")
        context = {
            "promotion": body["from"], "model": freeze["model"], "target": freeze["target"], "review": body["review"],
            "stage": {"index": body["stage"], "name": stage["name"]}, "requirements": {"sha256": digest(data)},
        }
        found = self.proven(index, record, body["recordedAt"], digest(freeze_data), context)
        require(found["result"] == "approve" and set(kept["roles"]) <= set(found["roles"]), "only an approval in its roles is kept")
        require(record["id"] == f"{self.name}/sign-off-kept/{kept['review']}/{body['signOff']}", "a kept sign-off is recorded under another id")
        told = [each for _, each in self.records if each["type"] == "supersedes" and body["signOff"] in [one["signOff"] for one in each["body"].get("kept", [])]]
        # Written before the promotion that would rest on it, which was ended by somebody else, or written otherwise: it counts nowhere.
        if not told:
            return []
        require({"signOff": body["signOff"], **kept} in told[0]["body"]["kept"], "a sign-off is kept otherwise than its promotion says")
        last = [each["id"] for each in told[0]["body"]["promotions"]][-1:]
        require(last == [body["from"]], "a sign-off is kept from another candidate than the last whose place was taken")
        require("onBehalfOf" not in body, "a sign-off in another's place is kept for a newer candidate")
        self.state["kept"][body["signOff"]] = {"signOff": body["signOff"], **kept}
        review, gates = self.state["taken"]
        require(kept["review"] == review, "a sign-off is kept for another review than its promotion was in")
        require(gates is not None, "a sign-off is kept for a review that never was")
        mark = "original-beside-"
        beside = {each["name"][len(mark):]: each["sha256"] for each in record["attachments"] if each["name"].startswith(mark)}
        older = {"freeze": freeze, "requirements": read_requirements(data), "stage": stage, "beside": beside}
        def why_it_falls(gates):
            newer = {"freeze": self.state["freeze"], "requirements": gates["requirements"], "beside": gates["beside"]}
            falls = (why_not_kept(role, kept["stage"], older, newer, "conditions" in body) for role in kept["roles"])
            limit = gates["requirements"]["rule"].get("carryOverSeconds")
            late = limit is None or later(body["recordedAt"], limit) <= instant(told[0]["at"])
            return next((why for why in falls if why is not None), "it was given too long ago" if late else None)
        why = why_it_falls(gates)
        require(why is None, f"a sign-off was kept although {why}")
        # Gates may be judged once more in the same review: a verdict is given under the last of them.
        self.state["keptWrongly"][body["signOff"]] = why_it_falls(self.state["gates"][review])
        return [{**found, **kept, "at": body["recordedAt"]}]

    def proven(self, index, record, at, freeze_digest, context):
        body = record["body"]
        statement, pae_digest, claims = self.pack.ceremony(record, index, "sign-off.dsse.json", at)
        require_subject(statement, f"{self.pack.base}/attestation/sign-off/v1", "freeze.json", freeze_digest)
        said = statement["predicate"]
        own = {name: said[name] for name in ("salt", "issuedAt", "expiresAt")}
        told = {name: body[name] for name in ("result", "reason", "roles", "reviewer")}
        if "onBehalfOf" in body:
            place = body["onBehalfOf"]
            told["onBehalfOf"] = {"person": place["person"], "delegation": {"sha256": place["delegation"]}}
        if "conditions" in body:
            check_form(body["conditions"])
            require(body["result"] == "approve", "only an approval has conditions")
            told["conditions"] = body["conditions"]
        shown = {"shown": said["shown"], **context}
        require(canonical(said) == canonical({**own, **told, **shown}), "a statement says something else than records and documents")
        require(sorted(set(said["roles"])) == said["roles"], "a statement's roles are not in their order")
        require(pae_digest.hex() == body["signOff"], "a sign-off is recorded under another statement's id")
        if claims is None:
            self.notes.append("an ID token was left out")
        else:
            require(claims[NAMES] == identity(said["reviewer"]), "a statement names somebody else than its token")
            require(sign_in_of(claims) == body.get("signIn", {}), "a record tells of another sign-in than its token")
        use = body.get("passkey")
        if use is not None:
            known = self.pack.passkeys.get(use["id"])
            require(known is not None and same_person(known["passkey"]["owner"], body["reviewer"]), "a passkey is not the reviewer's")
            require(self.pack.passkey_signed(use["id"], at), "a passkey did not stand when it signed")
            counter = check_assertion(self.pack.document(record, "passkey.json"), known["passkey"], challenge_of(pae_digest))
            require(counter == use["counter"], "a passkey's counter is told otherwise")
        envelope = digest(self.pack.document(record, "sign-off.dsse.json"))
        return {
            **body, "envelope": envelope, "standsPasskey": use is not None, "email": address_in(claims), "signedAt": (claims or {}).get("iat"),
            "place": self.pack.delegations.get(body.get("onBehalfOf", {}).get("delegation")),
        }

    def check_statements(self):
        """The envelopes beside the records, as lines and as Sigstore bundles."""
        lines, verdicts = [], 0
        for _, record in self.records:
            kind = {"sign-off": "sign-off", "loan-requested": "loan", "verdict": "verdict"}.get(record["type"])
            if kind is None:
                continue
            data = self.pack.document(record, f"{kind}.dsse.json")
            lines.append(data + b"\n")
            name = f"{kind}-{record['id'][-64:]}"
            if kind == "verdict":
                verdicts += 1
                name = kind if verdicts == 1 else f"{kind}-{verdicts}"
            envelope = read_canonical(data)
            bundle = {
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": {"publicKey": {"hint": envelope["signatures"][0]["keyid"]}, "tlogEntries": []},
                "dsseEnvelope": {**envelope, "signatures": [{"sig": envelope["signatures"][0]["sig"]}]},
            }
            path = f"bundles/{self.name}/{name}.sigstore.json"
            require(self.pack.files.get(path) == canonical_bytes(bundle), f"{path} is not the statement of its record")
            self.statements.append(path)
        self.statements += [f"attestations/{self.name}.intoto.jsonl"] if lines else []
        own = self.pack.files.get(f"attestations/{self.name}.intoto.jsonl", b"")
        require(own == b"".join(lines), "the lines of attestations are not the statements of the records")

    # The life cycle.

    def step(self, index, record):
        self.place = index
        state, kind, body, at = self.state, record["type"], record["body"], record["at"]
        if self.before is not None:
            require(instant(at) >= later(self.latest, -TOLERANCE), f"'{record['id']}' goes back in time")
        last, self.before, self.latest = self.before, at, max(self.latest, at)
        if kind in ("stage-opened", "stage-decided", "loan", "deployment-started") or (kind == "verdict" and body["result"] == "PASSED"):
            self.pack.done.append((self.name, at, state["gates"].get(state["review"], {}).get("policy")))
        check_repeated(record, state)
        of_policies = state.get("freeze", {}).get("target", {}).get("kind") == "policy"
        require(not of_policies or kind not in OF_WHAT_RUNS, f"'{record['id']}' ({kind}) cannot follow: policies run nowhere")
        if kind.startswith("loan"):
            return self.of_loan(record)
        check_told(self.pack, record, of_policies)
        if was_judged(record):
            check_judged_in_shadow(self.pack, state.get("shadow", {}), record)
        if kind in ("traffic-shifted", "deployed") and "started" in state and not of_policies:
            check_watched(self.pack, record, state["freeze"]["target"]["kind"], state["started"]["release"])
        lent = self.status == "loaned"
        allowed = {
            "request": {None}, "freeze": {"gating", *ENDED}, "gates": {"gating"}, "policy-proposed": {"gating"}, "policy-activated": {"approved"}, "supersedes": {"gating", *ENDED},
            "stage-opened": {"gating", "in-review", "loaned"}, "stage-decided": {"in-review", "loaned"},
            "seat-reopened": {"deploying"} if "breach" in body else {"gating", "in-review", "approved", "loaned"},
            "verdict": {"approved", "loaned"}, "deployment-started": {"approved", "loaned"},
            "traffic-shifted": {"deploying"}, "deployed": {"deploying"}, "drift": {"deployed", "restricted"}, "remedy": {"restricted"},
            "rolled-back": {"deploying", "deployed", "restricted", "loaned"}, "rejected": {"in-review", "approved", "loaned"},
            "blocked": {"gating", "shadowing", "approved", "deploying", "loaned"}, "shadow-run": {"gating", "shadowing"},
            "expired": {"gating", "shadowing", "in-review", "approved"}, "withdrawn": {"gating", "shadowing", "in-review", "approved"},
            "superseded": {"gating", "shadowing", "in-review", "approved"},
            "failed": {"gating", "shadowing", "in-review", "approved", "deploying", "loaned"},
        }
        if kind in ("supersedes", "policy-proposed", "freeze"):
            require(kind not in self.once, f"a promotion has two records '{kind}'")
            self.once.add(kind)
        if kind == "rollback":
            require("started" in state, "nothing was deployed that could go back")
            require(body["state"] != "started" or self.status in ("deploying", "loaned"), "something goes back that is not under way")
        if kind == "deployment-started" and lent:
            require(not state["loan"].get("begun"), "what is lent is deployed once")
            state["loan"]["begun"] = True
        if kind in allowed:
            require(self.status in allowed[kind], f"'{record['id']}' ({kind}) cannot follow: the promotion is {self.status}")
        if kind == "request":
            self.status, state["expiresAt"] = "gating", body["expiresAt"]
        elif kind == "staged":
            release = body.get("release")
            state["first"] = isinstance(release, dict) and release.get("kind") == "first"
        elif kind == "gates":
            # Where policies changed during a run in shadow, its report is judged in the same review by others.
            gates = state["judged"][index]
            require(not of_policies or "former" in state, "policies were judged before anybody proposed them")
            state["requirements"], state["sha"], state["tried"] = gates["requirements"], gates["sha"], gates["tried"]
            if "former" in state and gates.get("policy") == state["former"]:
                check_shown(self.pack, state, record)
        elif kind == "supersedes":
            for each in body["kept"]:
                require(state["kept"].get(each["signOff"]) == each, "a sign-off is kept otherwise than is told")
        elif kind == "shadow-run":
            self.shadowed(record)
        elif kind == "stage-opened":
            self.check_told_of_last_review(at, True)
            plan = state["requirements"]["rule"].get("shadow")
            if plan is not None:
                run = state.get("shadow", {})
                require(run.get("plan") == digest(canonical_bytes(plan)), "the candidate has not run in shadow as its rule asks")
                beside = state["gates"][state["review"]]["beside"].get("_shadow-run.json")
                ran = run.get("reported") is not None and run["reported"] == beside
                require(ran or ("beside" not in run and "required" not in plan), "the gates did not judge the run in shadow")
            stages = state["requirements"]["rule"]["stages"]
            first = next((each for each in range(len(stages)) if each not in state["settled"]), None)
            require(first is not None and body["stage"] == first and body["name"] == stages[first]["name"] and state["stage"] is None, "a stage is opened out of turn")
            latest = instant(state["expiresAt"])
            if "deadlineSeconds" in stages[first] and not lent:
                latest = min(latest, later(at, stages[first]["deadlineSeconds"]))
            require(body["review"] == state["review"] and instant(body["deadline"]) <= latest, "a stage has more time than its rule")
            require(instant(body["deadline"]) == latest, "a stage has less time than its rule")
            times = {"at": at, "place": len(self.life), "expires": state["expiresAt"], "minimum": stages[first]["minimumReviewSeconds"]}
            state["stage"], state["opened"] = body["stage"], {**body, **times}
            self.openings.append(state["opened"])
            self.status = "loaned" if lent else "in-review"
        elif kind == "stage-decided":
            self.decided(index, body, at)
        elif kind == "seat-reopened":
            self.reopened(body, at)
        elif kind == "rejected":
            by = lambda people, sign_offs: sorted(map(identity, Review(state, people, sign_offs).rejected_by() or []))
            named = sorted(map(identity, body["by"]))
            require(named, "a rejection that nobody signed")
            rejected = lambda sign_offs: self.one_of(index, lambda people: by(people, sign_offs) == named)
            try:
                rests = lambda each: each["result"] == "reject" and identity(each["reviewer"]) in named
                others = lambda each: identity(each["reviewer"]) not in named
                self.either_way(at, rejected, "a rejection that nobody signed", rests, others)
            except Wrong:
                if not self.stopped_by_others(at, named):
                    raise
            self.status = kind
        elif kind == "verdict":
            self.verdict(index, record)
        elif kind == "deployment-started":
            require(not lent or not self.rejected(at, -HEARD), "what is lent was deployed although it had been rejected")
            verdict = state.get("loanVerdict") if lent else state.get("verdict")
            require(verdict is not None and verdict["result"] == "PASSED", "a deployment rests on no verdict")
            require(body["verdict"] == verdict["digest"], "a deployment rests on another verdict")
            require(same(body.get("conditions"), verdict["conditions"]), "a deployment names other conditions than its verdict")
            check_served(self.pack, record, state, self.notes)
            if self.beside_nothing is not None:
                self.beside_nothing.setdefault("previous", body["previous"])
            asks = state["freeze"]["target"].get("infrastructure") == "applied"
            plans = [each["sha256"] for each in state["freeze"]["evidence"] if asks and each["kind"] == "iac-plan"]
            require([each["plan"] for each in body.get("infrastructure", [])] == plans, "a deployment began without the signed plans")
            formats = {each["sha256"]: each["format"] for each in state["freeze"]["evidence"]}
            for each in body.get("infrastructure", []):
                require((each["by"] == "report") == (formats[each["plan"]] == "terraform-plan"), "a plan is applied on another's word")
                if each["by"] == "report":
                    said = {"plan": each["plan"], "outcome": "applied"}
                    require(self.reported(at, "plan-reported", said), "a plan is said to be applied, and nobody reported it")
            require(instant(at) < later(verdict["at"], 3600 + TOLERANCE), "a deployment began when its verdict was too old")
            require(not lent or instant(at) < later(state["loan"]["until"], TOLERANCE), "what was lent was deployed when the loan was over")
            if verdict["conditions"] is not None:
                check_release(verdict["conditions"], body["release"])
            shifted = body.get("release", {}).get("traffic", {})
            steps = shifted["steps"] if shifted.get("kind") == "weights" else []
            state["back"] = False
            state["started"] = {"at": at, "conditions": verdict["conditions"], "release": body.get("release"), "steps": steps, "shares": []}
            self.status = "loaned" if lent else "deploying"
        elif kind == "traffic-shifted":
            check_share(state["started"], body, at, TOLERANCE)
        elif kind == "policy-activated":
            passed = state.get("verdict", {}).get("result") == "PASSED"
            require(passed and body["policy"] == version_of(state["freeze"]), "other policies came in force than were signed off")
            require(body["former"] == state["former"], "policies were proposed in the place of others")
            check_shown(self.pack, state, record)
            require(instant(at) < later(state["verdict"]["at"], 3600 + TOLERANCE), "policies came in force when their verdict was too old")
            self.status = "deploying"
        elif kind == "deployed":
            theirs = state["freeze"]["target"]["kind"] in ("pipeline", "webhook")
            require(not theirs or self.reported(at, "deployment-reported", {"outcome": "deployed"}), "nobody reported the deployment")
            conditions = state.get("started", {}).get("conditions")
            if state.get("started", {}).get("steps"):
                require(len(state["started"]["shares"]) == len(state["started"]["steps"]), "a release did not give its parts in turn")
                check_held(state["started"], at, TOLERANCE)
            if conditions is not None:
                check_time(conditions, state["started"]["at"], at, TOLERANCE)
            if state.get("started", {}).get("release") is not None:
                least = state["started"]["release"].get("watchSeconds", 0)
                require(later(at, TOLERANCE) >= later(state["started"]["at"], least), "a release was not watched for the time that it takes")
            self.status = kind
        elif kind == "policy-proposed":
            if "freeze" in state:
                require(body["proposed"] == version_of(state["freeze"]), "other policies were proposed than frozen")
            state["former"] = body["former"]
        elif kind == "superseded":
            self.note_rejected(kind, at)
            state["supersededFrom"], self.status = self.status, kind
        elif kind in ("rolled-back", "blocked", "expired", "withdrawn", "failed"):
            if kind == "expired" and state["review"] in state["gates"]:
                require(later(at, 900) >= self.has_time_until(last), "it expired before its time was over")
            self.note_rejected(kind, at)
            self.status = kind
        elif kind == "drift":
            state.setdefault("drift", body)
            self.status = "restricted"
        elif kind == "remedy":
            check_remedy(self.pack, state, record)
            if body["state"] == "done" and body["remedy"] == "previous":
                self.status = "rolled-back"
        elif kind == "clean-up":
            require(self.status in ENDED, f"'{record['id']}' ({kind}) cannot follow: the promotion is {self.status}")
            running = "loan" in state and "ratified" not in state and "started" in state
            require(not running or "takenBack" in state, "what was lent was cleaned up, and nothing says that it was taken back")
            require(not running or "loanReview" in state, "what was lent was cleaned up, and no review of the loan was opened")
            state["cleaned"] = True
        elif kind == "freeze":
            if of_policies:
                kept = [(each["name"], each["sha256"]) for each in record["attachments"]]
                require(all((each["name"], each["sha256"]) in kept for each in state["freeze"]["artifacts"]), "policies were frozen, and not kept with that")
        elif kind == "held":
            if self.status == "approved" and "until" in body:
                state.pop("verdict", None)
        elif kind != "rollback":
            raise Wrong(f"'{record['id']}' ({kind}) is no change of a promotion")

    def note_rejected(self, kind, at):
        """Whoever ended it otherwise may not have heard yet that somebody had stopped it."""
        waited = self.status in ("in-review", "approved") and "verdict" not in self.state
        if kind != "rolled-back" and waited and self.rejected(at, 0):
            self.notes.append(f"a rejection had ended it, and it is recorded as {kind} at {at}")

    def has_time_until(self, last):
        """Until when something could still be decided: in the open stage, or once the next one is opened."""
        state = self.state
        if state["stage"] is not None:
            return instant(state["opened"]["deadline"])
        stages = state["requirements"]["rule"]["stages"] if "requirements" in state else []
        following = [each for place, each in enumerate(stages) if place not in state["settled"]]
        own = following[0].get("deadlineSeconds") if following else None
        return min([instant(state["expiresAt"])] + ([later(last, own)] if own is not None else []))

    def of_loan(self, record):
        kind, state, body, at = record["type"], self.state, record["body"], record["at"]
        if kind == "loan-refused":
            asked = [each["signature"] for each in self.lenders if "confirms" in each and instant(each["at"]) <= later(at, TOLERANCE)]
            require(body["signature"] in asked, "a loan is refused for which no second lender had signed")
            require(body["signature"] not in state.setdefault("refused", []), "a loan is refused once more")
            state["refused"].append(body["signature"])
            return
        if kind == "loan":
            opened = self.status == "in-review" and state["stage"] is not None and "loan" not in state
            require(opened, "seats are lent once, while a stage is open")
            require(not self.rejected(at, -TOLERANCE), "seats were lent although it had been rejected")
            given(self, self.place, record)
            state["expiresAt"] = state["opened"]["deadline"] = body["until"]
            state["lent"], self.status = [each["person"] for each in body["lenders"]], "loaned"
            return
        require("loan" in state, f"'{record['id']}' ({kind}) cannot follow: nothing was lent")
        if kind in ("loan-running", "loan-ended"):
            require(not self.rejected(at, -HEARD), "what was lent ran on although it had been rejected")
        if kind == "loan-running":
            require(state["loan"].get("begun"), "what is lent was never deployed")
            require(self.status == "loaned" and not state["loan"].get("running"), "what is lent begins to run once, before its loan is over")
            where = state["freeze"]["target"]["kind"]
            require(where != "pipeline", "what is lent runs where a pipeline deploys, which nobody else could take back")
            require(where != "webhook" or self.reported(at, "deployment-reported", {"outcome": "deployed"}), "nobody reported the deployment")
            state["loan"]["running"] = True
        elif kind == "loan-ratified":
            passed = state.get("verdict", {}).get("result") == "PASSED"
            require(self.status == "loaned" and state["loan"].get("running"), "a loan is ratified, and what is lent does not run")
            require(passed, "a loan is ratified, and no verdict says that the quorum approved it")
            require(body["verdict"] == state["verdict"]["digest"], "a loan is ratified by another verdict than was signed")
            state["ratified"], self.status = at, "deployed"
        elif kind == "loan-ended":
            require(self.status == "loaned" and later(at, TOLERANCE) >= instant(state["loan"]["until"]), "a loan ended before its time")
            require(body["until"] == state["loan"]["until"], "a loan ended at another time than it was lent for")
            state["stage"], self.status = None, "expired"
        else:
            ended = self.status in ("expired", "rejected", "blocked", "failed", "rolled-back")
            require(ended and "ratified" not in state, "a loan is taken back that has not ended")
            require(any(each["type"] == "deployment-started" for each, _ in self.life), "a loan is taken back, and nothing was deployed")
            if kind == "loan-taken-back":
                require("takenBack" not in state and body["serves"] != self.name, "what was lent still serves")
                state["takenBack"] = at
            elif kind == "loan-review-opened":
                told = {"incident": state["loan"]["incident"], "lenders": state["lent"]}
                require(same(body, told), "a review of a loan is about another than was lent")
                state["loanReview"] = True

    def lent_until_taken_back(self):
        """When a loan ended of which nothing says that what was lent is gone."""
        state = self.state
        if "loan" not in state or self.status not in ENDED or self.status == "rolled-back":
            return None
        left = state["loan"].get("begun") and not {"ratified", "takenBack", "cleaned"} & set(state)
        return self.ended_at if left else None

    def shadowed(self, record):
        state, body = self.state, record["body"]
        if body["state"] in ("started", "nothing-to-compare"):
            require(self.status == "gating" and state["review"] in state["gates"], "a run in shadow begins after the gates")
            asked = state["requirements"]["rule"].get("shadow")
            require(asked is None or digest(canonical_bytes(asked)) == body["plan"], "a rule asks for another plan of the run in shadow")
            require(state.get("shadow", {}).get("plan") != body["plan"], "what came of a run in shadow was told before")
            state["shadow"] = {key: body[key] for key in ("plan", "beside") if key in body}
            self.status = "shadowing" if body["state"] == "started" else "gating"
            plan = state["requirements"]["rule"].get("shadow")
            if body["state"] == "nothing-to-compare" and plan is not None and digest(canonical_bytes(plan)) == body["plan"]:
                self.beside_nothing = {"at": record["at"]}
            return
        require(self.status == "shadowing", "nothing runs in shadow")
        if body["state"] in ("running", "over"):
            state["shadow"]["from" if body["state"] == "running" else "until"] = record["at"]
        if body["state"] == "over":
            check_shadow_time(state["shadow"], state["requirements"]["rule"].get("shadow"), body["requests"])
        if body["state"] == "reported":
            digests = {each["name"]: each["sha256"] for each in record["attachments"]}
            require(digests.get("_shadow-run.json") == body["evidence"]["sha256"], "another report of the run in shadow was kept")
            check_shadow_report(self.pack, self.name, state["shadow"], record)
            state["shadow"]["reported"], self.status = body["evidence"]["sha256"], "gating"

    def people_of_tokens(self):
        """Who people are by their tokens: of one identity by its latest."""
        places = sorted((each["place"] for each in self.counted if each["place"] is not None), key=lambda place: place["at"])
        members = [
            {"identity": place["delegation"]["delegator"], "address": place["address"], "groups": place["groups"], "enabled": True}
            for place in places
        ]
        signed = [
            (each["at"], {"identity": each["reviewer"], "address": each["email"], "groups": each["groups"], "enabled": True})
            for each in self.counted
        ]
        signed += [(each["at"], member(each)) for each in self.lenders]
        members += [each for _, each in sorted(signed, key=lambda one: one[0])]
        return People(list({identity(each["identity"]): each for each in members}.values()), [])

    def either_way(self, at, holds, sentence, rests, speaks_for=None):
        """A sign-off of the last seconds, or the revocation of a delegation, may or may not have been seen."""
        ordered = in_order(self.counted)
        seen = (each for those in as_revoked(ordered, at, rests) for each in as_seen(those, at, speaks_for or rests))
        require(any(map(holds, seen)), sentence)

    def decided(self, index, body, at):
        state, stage = self.state, body["stage"]
        require(state["stage"] == stage, "a stage was decided that is not open")
        seats = lambda people, sign_offs: canonical(Review(state, people, sign_offs).reached(stage))
        seated = {identity(each["person"]) for each in body["seats"]}
        by_those = lambda each: each["stage"] != stage or each["result"] != "approve" or identity(each["reviewer"]) in seated
        # Without any address, or the directory's, nobody can tell which accounts are one person's, and so what was overtaken by another account's.
        passed = lambda each: each["type"] == "verdict" and each["body"]["result"] == "PASSED"
        told = any(each["email"] for each in self.counted) and any(passed(each) for place, each in self.records if place > index)
        ways = lambda sign_offs: [sign_offs] if told else [sign_offs, list(filter(by_those, sign_offs))]
        reached = lambda sign_offs: self.one_of(
            index, lambda people: any(seats(people, way) == canonical(body["seats"]) for way in ways(sign_offs))
        )
        self.either_way(at, reached, f"the stage '{state['requirements']['rule']['stages'][stage]['name']}' was decided with other seats than its sign-offs fill", seated_in(body["seats"]))
        state["opened"]["decided"] = at
        state["settled"][stage], state["stage"] = body["seats"], None
        if self.status != "loaned":
            self.status = "in-review" if len(state["settled"]) < len(state["requirements"]["rule"]["stages"]) else "approved"

    def check_times(self):
        """Each sign-off lies within the last opening of its stage before it."""
        for each in self.counted:
            if each["signOff"] in self.state["kept"] or each.get("keptHere"):
                continue
            at = instant(each["at"])
            of_stage = [
                opened for opened in self.openings
                if (opened["review"], opened["stage"]) == (each["review"], each["stage"]) and instant(opened["at"]) <= later(each["at"], TOLERANCE)
            ]
            require(of_stage, "a sign-off came before its stage was opened")
            # It may have been opened again within a second of the sign-off that completed it.
            last = sum(later(opened["at"], TOLERANCE) <= at for opened in of_stage) - 1
            wrong = None
            for opened in of_stage[max(last, 0):]:
                try:
                    self.check_opened(each, at, opened, of_stage[0])
                    break
                except Wrong as why:
                    wrong = why
            else:
                raise wrong

    def check_opened(self, each, at, opened, first):
        """A sign-off is in time, if its stage was open since then."""
        life = self.life[opened["place"] + 1:]
        since = [record for record, _ in life]
        passed = [place for place, record in enumerate(since) if record["type"] == "verdict" and not record["body"].get("loan")]
        # Seats that open again take the verdict along, and so does a freeze window.
        def taken(record, status):
            return record["type"] == "seat-reopened" or record["type"] == "held" and status == "approved" and "until" in record["body"]

        stands = any(
            later(since[place]["at"], TOLERANCE) < at
            and not any(taken(record, status) and instant(record["at"]) <= later(each["at"], TOLERANCE) for record, status in life[place + 1:])
            for place in passed
        )
        require(not stands, "a sign-off came after the verdict")
        lent = [record["body"]["until"] for record in since if record["type"] == "loan"]
        require(at < later((lent or [opened["expires"]])[0], TOLERANCE), "a sign-off came after the promotion's end")
        if each["signedAt"] is not None:
            latest = math.floor(each["signedAt"]) + SKEW + TOLERANCE
            require(latest >= float(unix(first["at"])), "a sign-off was signed before its stage was opened")
            soonest = float(unix(opened["at"])) + opened["minimum"]
            require(each["result"] != "approve" or latest >= soonest, "a sign-off was signed before its time")
        ended = [record["at"] for record, status in self.life if status in ENDED][:1]
        require(not ended or at <= later(ended[0], TOLERANCE), "a sign-off came after the promotion had ended")
        if each["result"] == "reject":
            return
        over = [record["at"] for record in since if record["type"] == "seat-reopened" and "from" in record["body"]][:1]
        require(not over or at <= later(over[0], TOLERANCE), "a sign-off came after its review was over")
        earliest = opened["minimum"] if each["result"] == "approve" else 0
        require(at >= later(opened["at"], earliest - TOLERANCE), "a sign-off came before its time")
        require(at < later(opened["deadline"], TOLERANCE), "a sign-off came after its stage was over")
        require("decided" not in opened or at <= later(opened["decided"], TOLERANCE), "a sign-off came after its stage was decided")

    def check_order(self):
        """What a person signed first does not count as their latest decision; rejections are taken whenever they come."""
        own = [each for each in self.counted if each["signOff"] not in self.state["kept"] and not each.get("keptHere") and each["signedAt"] is not None]
        members = self.people_of_tokens().members
        lists = [People(members, entries) for _, entries in self.named]
        for each in own:
            before = [
                other for other in own
                if (other["review"], other["stage"], other["reviewer"]["issuer"]) == (each["review"], each["stage"], each["reviewer"]["issuer"])
                and other["at"] < each["at"] and math.floor(other["signedAt"]) > math.floor(each["signedAt"])
            ]
            if not before or each["result"] == "reject":
                continue
            seen = [other["at"] for other in before if is_one(other, each)]
            at_once = not seen or instant(each["at"]) <= later(min(seen), AT_ONCE)
            require(at_once, "a sign-off counts as its reviewer's latest, and was signed before another one")
            if seen or any(people.of(other["reviewer"]) == people.of(each["reviewer"]) for people in lists for other in before):
                self.notes.append("which of two decisions that came at once, or by two accounts, was meant is told by when they were recorded")

    def check_rested(self):
        """What an approval, or a lender's signature, rests on counted when the provider says that it was signed; otherwise that is to be said."""
        approvals = [each for each in self.own if each["result"] == "approve"]
        for each in approvals:
            rule = self.state["gates"][each["review"]]["requirements"]["rule"]
            opened = [float(unix(one["at"])) for one in self.openings if (one["review"], one["stage"]) == (each["review"], each["stage"])]
            seats = [seat for record, _ in self.life if record["type"] == "stage-decided" for seat in record["body"]["seats"]]
            filled = any(seat["signOff"] == each["signOff"] and seat["role"] not in each["roles"] for seat in seats)
            timed = filled and "escalation" in rule and each["signedAt"] is not None
            if timed and math.floor(each["signedAt"]) + AT_ONCE < opened[0] + rule["escalation"]["afterSeconds"]:
                self.notes.append(f"by the provider {each['signOff']} was signed before its stage was escalated")
        for own, each in [*((each["signOff"], each) for each in approvals), *((each["signature"], each) for each in self.lenders)]:
            if each["signedAt"] is None:
                continue
            key = self.pack.passkeys.get(each.get("passkey", {}).get("id"), {}).get("signed", {})
            place = self.pack.delegations.get(each.get("onBehalfOf", {}).get("delegation"), {}).get("signed", {})
            for since in (key.get("confirm"), place.get("delegate")):
                if since is not None and math.floor(each["signedAt"]) + AT_ONCE < math.floor(since):
                    self.notes.append(f"by the provider {own} was signed before what it rests on counted")
            for until in (key.get("revoke"), place.get("revoke")):
                if until is not None and math.floor(until) + AT_ONCE < math.floor(each["signedAt"]):
                    self.notes.append(f"by the provider {own} was signed after what it rests on was revoked")

    def check_stopped(self):
        """What the service's clock alone says came after the verdict that it would have stopped, and what takes back nothing that is told, is to be said."""
        given = [each for each in self.counted if each["signOff"] not in self.state["kept"] and not each.get("keptHere")]
        members = self.people_of_tokens().members
        lists = [People(members, entries) for _, entries in self.named] or [People(members, [])]
        for each in [each for each in given if each["result"] == "withdraw"]:
            before = [
                other for other in self.counted
                if other["signOff"] != each["signOff"] and other["at"] <= each["at"]
                and (is_one(other, each) or any(people.of(other["reviewer"]) == people.of(each["reviewer"]) for people in lists))
                and (other["signOff"] in self.state["kept"] or other.get("keptHere") or other["review"] < each["review"]
                     or (other["review"], other["stage"]) == (each["review"], each["stage"]))
            ]
            if not before or max(before, key=lambda other: other["at"])["result"] == "withdraw":
                self.notes.append(f"what the withdrawal {each['signOff']} took back is not told")
        places = [place for place, (record, _) in enumerate(self.life) if record["type"] == "verdict" and (record["body"]["result"], record["body"].get("loan")) == ("PASSED", None)]
        last = self.life[places[-1]:] if places else []
        if not last or any(record["type"] in ("rejected", "seat-reopened") for record, _ in last):
            return
        at, seats, by_id = last[0][0]["at"], {}, {each["signOff"]: each for each in self.counted}
        for record, _ in self.life[:places[-1]]:
            if record["type"] == "seat-reopened" and "from" in record["body"]:
                seats = {}
            if record["type"] == "stage-decided":
                seats[record["body"]["stage"]] = {(identity(seat["person"]), by_id[seat["signOff"]]["at"]) for seat in record["body"]["seats"]}
        for each in given:
            own = [since for who, since in seats.get(each["stage"], ()) if who == identity(each["reviewer"]) and since <= each["at"]]
            stops = each["result"] == "reject" or each["result"] == "withdraw" and own
            if stops and each["review"] == self.state["review"] and later(at, -TOLERANCE) <= instant(each["at"]) <= later(at, TOLERANCE):
                self.notes.append(f"that {each['signOff']} ('{each['result']}') came after the verdict is told by the service's clock alone")

    def reopened(self, body, at):
        state = self.state
        fallen = {each if isinstance(each, str) else each["signOff"] for each in body["fallen"]}
        require(fallen <= {each["signOff"] for each in self.counted}, "a sign-off is said to fall that no record has")
        if "breach" not in body:
            state.setdefault("fell", []).extend(each["signOff"] for each in self.counted if each["signOff"] in fallen and "conditions" in each)
        if "breach" in body:
            require(same(body["breach"], state["started"]["conditions"]), "a release was taken back for other conditions than it had")
            falls = those_that_fall(state, until(self.counted, at, 0))
            require([each["signOff"] for each in body["fallen"]] == falls, "other approvals were said to fall than do")
            del state["started"]
        state.pop("verdict", None)
        if "from" in body:
            require(body["from"] == state.get("sha", state["request"]["requirements"]), "requirements changed that were not its own")
            self.check_told_of_last_review(at, False)
            since, judged = [each["body"]["policy"] for each in self.pack.in_force_at(at)], state["gates"].get(state["review"], {}).get("policy")
            # Whether others come to other requirements is in YAML, which is not read here.
            require(set(since) != {judged}, "another review began, and the policies were the same")
            decisive = self.rejected() if "requirements" in state else []
            require(not decisive or self.status == "gating", "another review began although a rejection had ended the promotion")
            # Nobody was asked in this one: then they stand in the next review, by whose rules they are judged.
            state["unheard"] = [*state.get("unheard", ()), *(each["signOff"] for each in decisive)]
            state["sha"] = body["to"]
            state.update(review=state["review"] + 1, settled={}, stage=None)
            self.status = "gating"
            return
        if "kept" in body:
            self.kept_in_review(body, at)
            return
        fallen = {each["signOff"] for each in body["fallen"]}
        seated = {seat["signOff"] for seats in state["settled"].values() for seat in seats}
        fell = fallen and fallen <= seated and self.status != "in-review" and state["stage"] is None
        require(fell or "breach" in body, "a seat is opened again, and none of what was approved fell")
        require(not self.rejections_in(fallen), "a rejection is said to fall")
        state["invalidated"] |= fallen
        state["settled"] = {
            stage: seats for stage, seats in state["settled"].items() if not any(seat["signOff"] in fallen for seat in seats)
        }
        state["stage"], self.status = None, "loaned" if self.status == "loaned" else "in-review"

    def rejected(self, at=None, seconds=0):
        """The rejections that ended it, of those given until then in the review that it is in."""
        given = self.counted if at is None else until(self.counted, at, seconds)
        return self.rejected_by(self.decided_by(), given)

    def rejected_by(self, lists, given):
        found = []
        for people in lists:
            decisive = Review(self.state, people, given).decisive()
            if not decisive:
                return []
            found = found or decisive
        return found

    def stopped_at(self):
        """When a rejection had ended what is under review, or approved, for all that its records say."""
        state, no = self.state, [each["at"] for each in self.counted if each["result"] == "reject"]
        if self.status not in ("in-review", "approved") or "verdict" in state or not no:
            return None
        latest = max([self.before, *no])
        decisive = self.rejected_by(as_decided(self, self.place, latest), self.counted)
        return max([self.before, *(each["at"] for each in decisive)]) if decisive else None

    def under_way(self):
        """What the end of its records leaves under way, and the latest that this may have ended; None where nothing is."""
        state = self.state
        if self.status in ENDED or self.status in ("deployed", "restricted", "loaned"):
            return None
        if self.status == "deploying":
            started = state.get("started")
            if started is None:
                return "its deployment ended", instant(self.before)
            back = [each["at"] for each, _ in self.life if each["type"] == "rollback" and each["at"] >= started["at"]]
            return "its deployment ended", latest_end(started["at"], started["release"], state["freeze"]["target"], back[0] if back else None)
        if state.get("verdict", {}).get("result") == "PASSED":
            hour, last = later(state["verdict"]["at"], 3600), later(state["expiresAt"], 900)
            waits = any(each["type"] == "held" and "until" not in each["body"] for each, _ in self.life)
            waits = waits and state["freeze"]["target"]["kind"] != "policy"
            return "what it was approved for began", max(hour, last) if waits else hour
        return "its review ended", instant(state["expiresAt"])

    def decided_by(self):
        """Who is whom, by each of the lists that whoever decides now may have."""
        return as_decided(self, self.place)

    def one_of(self, index, holds):
        """Whether something holds by one of the lists that a decision may have been made by."""
        for people in as_decided(self, index):
            if holds(people):
                self.note_guess(people)
                return True
        return False

    def note_guess(self, people):
        if people.guessed:
            self.notes.append("it was decided as is told only if other policies were in force then, which are not here")

    def stopped_by_others(self, at, named):
        """What is lent may be rejected by requirements in force since, which are in YAML and not read here."""
        state = self.state
        gates = state["gates"].get(state["review"], {})
        since = [each["body"]["policy"] for each in self.pack.in_force_at(at)]
        known = self.pack.versions and not self.pack.may_be_on_its_way(at)
        if self.status != "loaned" or (known and set(since) <= {gates.get("policy")}):
            return False
        given = {identity(each["reviewer"]) for each in self.counted if each["result"] == "reject" and each["review"] == state["review"]}
        if set(named) <= given:
            self.notes.append("whether a rejection ended what was lent by the requirements in force then was not checked")
        return set(named) <= given

    def stood_in_last_review(self, at, named=()):
        """What may have stood in the last review whose gates passed, by its id; until then, but for rejections: they were there whenever they say."""
        state = self.state
        last, now = max((each for each in state["gates"] if each < state["review"]), default=None), state["gates"].get(state["review"])
        if last is None or now is None:
            yield {}
            return
        people, ordered = next(self.decided_by()), in_order(self.counted)
        rejections, others = ([each for each in ordered if (each["result"] == "reject") == no] for no in (True, False))
        for seen in as_seen(others, at, lambda each: each["signOff"] in named):
            standing = {}
            for each in in_order(rejections + seen):
                if each["review"] == last:
                    standing[(each["stage"], people.of(each["reviewer"]))] = each
            yield {
                each["signOff"]: each for each in standing.values()
                if each["signOff"] not in state["invalidated"] and each["result"] in ("approve", "reject")
            }

    def check_told_of_last_review(self, at, asks):
        """Before anybody is asked again, and before the review after that, it is told what becomes of what stood."""
        state, review = self.state, self.state["review"]
        told = state.get("told") == review
        first = not any(opened["review"] == review for opened in self.openings)
        if first and not told:
            require(not all(self.stood_in_last_review(at)), "another review began, and nothing says what becomes of what stood")
        kept = {each["signOff"] for each in self.counted if each.get("keptHere") and each["review"] == review}
        if told and set(state.get("unheard", ())) <= kept:
            state["unheard"] = []
        require(not (asks and state.get("unheard")), "another review began although a rejection had ended the promotion")

    def reported(self, at, kind, said):
        latest = later(at, TOLERANCE)
        return any(
            each["type"] == kind and instant(each["at"]) <= latest and all(each["body"].get(name) == value for name, value in said.items())
            for _, each in self.records
        )

    def check_asked(self, record):
        """Nobody reports what nobody was waited for to do."""
        there = [each for each, _ in self.life if instant(each["at"]) <= later(record["at"], TOLERANCE)]
        if record["type"] == "plan-reported":
            passed = any(each["type"] == "verdict" and each["body"]["result"] == "PASSED" for each in there)
            require(passed, "what became of a plan is reported, and no verdict let anybody apply it")
            return
        theirs = self.state.get("freeze", {}).get("target", {}).get("kind") in ("pipeline", "webhook")
        begun = any(each["type"] == "deployment-started" for each in there)
        require(theirs and begun, "what came of a deployment is reported, and nobody was waited for to deploy it")

    def rejections_in(self, ids):
        return [each for each in self.counted if each["result"] == "reject" and each["signOff"] in ids]

    def kept_in_review(self, body, at):
        """What of the review before counts again, since nothing changed of what it judges."""
        state = self.state
        require(self.status == "gating" and body["review"] == state["review"], "what is kept is told of another review")
        last, now = max((each for each in state["gates"] if each < body["review"]), default=None), state["gates"].get(body["review"])
        require(last is not None and now is not None, "sign-offs are kept of a review that never was")
        was = state["gates"][last]
        places = [stage["name"] for stage in now["requirements"]["rule"]["stages"]]
        named_before = lambda each: was["requirements"]["rule"]["stages"][each["stage"]]["name"]
        named = [each["signOff"] for each in [*body["kept"], *body["fallen"]]]
        # An approval of the last seconds may or may not have been seen.
        kept, fits = {each["signOff"] for each in body["kept"]}, lambda each: kept <= set(each) <= set(named)
        stood = next(filter(fits, self.stood_in_last_review(at, named)), None)
        require(len(set(named)) == len(named) and stood is not None, "it is not told of each sign-off that stood what becomes of it")
        require(not self.rejections_in({each["signOff"] for each in body["fallen"]}), "a rejection is said to fall")
        dropped = [each for each in self.rejections_in(state["invalidated"]) if each["review"] == last]
        require(not (body["kept"] and dropped), "approvals outlive a rejection that fell")
        newer, moved, people = {"freeze": state["freeze"], **now}, set(), next(self.decided_by())
        for kept in body["kept"]:
            given = stood[kept["signOff"]]
            gone = given["result"] == "reject" and named_before(given) not in places
            moved |= {people.of(given["reviewer"])} if gone else set()
            older = {"freeze": state["freeze"], **was, "stage": was["requirements"]["rule"]["stages"][given["stage"]]}
            fits = kept["review"] == body["review"] and kept["roles"] and set(kept["roles"]) <= set(given["roles"])
            require(fits, "a sign-off is kept otherwise than it was signed")
            if given["result"] == "reject":
                require(kept["stage"] == (0 if gone else places.index(named_before(given))), "a rejection is kept in another stage")
            for role in kept["roles"] if given["result"] == "approve" else ():
                why = why_reopened(role, kept["stage"], older, newer, "conditions" in given)
                require(why is None, f"a sign-off was kept although {why}")
            self.counted.append({**given, **kept, "keptHere": True})
        for kept in body["kept"]:
            given = stood[kept["signOff"]]
            beside = given["result"] == "approve" and kept["stage"] == 0 and people.of(given["reviewer"]) in moved
            require(not beside, "somebody's approval is kept in the stage in which their rejection stands")
        state["told"] = body["review"]
        state["invalidated"].update(each["signOff"] for each in body["fallen"])

    def verdict(self, index, record):
        state, at, result = self.state, record["at"], record["body"]["result"]
        of_loan = record["body"].get("loan", False)
        # Until something begins under it, another may take the place of the one before. Policies come in force at once.
        again = self.status == "approved" and not of_loan and state["freeze"]["target"]["kind"] != "policy"
        require(again or ("loanVerdict" if of_loan else "verdict") not in state, "a promotion has two verdicts")
        require(not of_loan or self.status == "loaned", "a loan's verdict is signed, and nothing is lent")
        early = self.status == "loaned" and not of_loan and result == "PASSED" and not state["loan"].get("running")
        require(not early, "a quorum's verdict is signed over what is lent, before that runs")
        on_trial = all(instant(until) > later(at, -TOLERANCE) for until in state["tried"])
        require(result == "FAILED" or on_trial, "a verdict is PASSED, and a rule did not pass whose trial was over")
        data = self.pack.document(record, "verdict.dsse.json")
        statement, _ = open_envelope(data, self.pack.key_in_force(index, at))
        seats = [seat for seats in state["settled"].values() for seat in seats]
        by_id = {each["signOff"]: each for each in self.counted}
        pair = state["loan"]["pair"] if of_loan else ()
        said = statement["predicate"]
        require_known(int((re.fullmatch(".*/verifier/v([0-9]+)", said["verifier"]["id"]) or ["", "0"])[1]), "the verifier of a verdict")
        if of_loan:
            # A seat that was lost by then is lent like the others.
            named = {each["uri"].rsplit("/", 1)[1] for each in said["inputAttestations"]}
            seats = [seat for seat in seats if seat["signOff"] in named]
        asked = [by_id[seat["signOff"]]["conditions"] for seat in seats if "conditions" in by_id[seat["signOff"]]]
        conditions = in_force(asked) if result == "PASSED" else None
        target, base, sha = state["freeze"]["target"], self.pack.base, state["sha"]
        levels = ["FAILED"]
        if result == "PASSED":
            quorum = "COUNTERSIGN_LOAN" if of_loan else f"COUNTERSIGN_{len(seats)}_OF_{len(seats)}"
            levels = [quorum + ("" if conditions is None else "_CONDITIONAL"), "COUNTERSIGN_IDP_BOUND"]
        expected = {
            "verifier": {"id": f"{base}/verifier/v1"}, "timeVerified": at,
            "resourceUri": f"{target['kind']}://{target['name']}/{target['endpoint']}",
            "policy": {"uri": f"{base}/requirements/{sha}", "digest": {"sha256": sha}},
            "inputAttestations": [
                {"uri": f"{base}/loans/{each['signature']}", "digest": {"sha256": each["envelope"]}} for each in pair
            ] + [
                {"uri": f"{base}/sign-offs/{seat['signOff']}", "digest": {"sha256": by_id[seat["signOff"]]["envelope"]}}
                for seat in seats
            ],
            "verificationResult": result, "verifiedLevels": levels, "slsaVersion": "1.1",
            **({} if conditions is None else {"countersignConditions": conditions}),
        }
        lent = ["passkey" in each and self.pack.passkey_counts(each["passkey"]["id"], each["at"], at) for each in pair]
        stand = lent + [self.standing(by_id[seat["signOff"]], None, at)["standsPasskey"] for seat in seats]
        claims = [expected]
        if result == "PASSED" and stand and all(stand):
            claims.append({**expected, "verifiedLevels": [*levels, "COUNTERSIGN_PASSKEY"]})
        require_subject(statement, "https://slsa.dev/verification_summary/v1", "freeze.json", state["digest"])
        require(canonical(said) in map(canonical, claims), "a verdict says something else than its records")
        if conditions is not None:
            check_allowed(asked, state["requirements"]["rule"])
            if self.status == "loaned" and not of_loan:
                check_release(conditions, state["started"]["release"])
            else:
                check_target(conditions, target, state.get("first", False))
        if result == "PASSED":
            require("policy" in record["body"], "a verdict does not name the policies that judged")
            fell = [] if of_loan else [state["keptWrongly"][seat["signOff"]] for seat in seats if state["keptWrongly"].get(seat["signOff"])]
            require(not fell, f"a verdict rests on a sign-off that was kept although {''.join(fell[:1])}")
            self.pack.judged.append((at, record["body"]["policy"]))
            if not self.pack.versions and record["body"]["policy"] != state["gates"].get(state["review"], {}).get("policy"):
                self.notes.append("whether other policies than those of its gates were in force as its verdict was signed is told by the whole log")
        if result == "PASSED" and of_loan:
            require(not self.rejected(at, -TOLERANCE), "a loan's verdict is PASSED although it had been rejected")
            check_as_of_now(self, index, record)
        elif result == "PASSED":
            self.still_reached(index, record)
            self.notes += [f"that the approval {each} fell, which was given under conditions, is told by its record alone" for each in state.get("fell", ())]
            require(instant(at) < later(state["expiresAt"], 900 + TOLERANCE), "a verdict is PASSED after the end")
        state["loanVerdict" if of_loan else "verdict"] = {"digest": digest(data), "at": at, "result": result, "conditions": conditions}
        if result == "FAILED":
            self.status = "blocked"

    def told_of_people(self, index, record):
        """people.json of a verdict, held against people.yaml; None where it was left out."""
        data, state = self.pack.document(record, "people.json"), self.state
        own = next((each["sha256"] for each in record["attachments"] if each["name"] == "people.json"), None)
        require(own is None or own not in state.setdefault("peopleOf", set()), "a verdict brings what was told of people for an earlier one")
        state["peopleOf"].add(own)
        told = None if data is None else read_people(data)
        if told is None:
            self.notes.append("people.json was left out")
        if not self.named:
            self.notes.append("people.yaml of the policies was not read")
        kept = lambda each: each["signOff"] in state["kept"] or each.get("keptHere")
        seen = [each for each in surely(self.counted, record["at"]) if not kept(each) or each["review"] == state["review"]]
        signers = [each["reviewer"] for each in seen] + [each["onBehalfOf"]["person"] for each in seen if "onBehalfOf" in each]
        if record["body"].get("loan", False):
            signers += [each["lender"] for each in state["loan"]["pair"]]
        check_strangers(self.named, index, state)
        self.authors_untold |= names_untold(self.named, index, state, self.people_of_tokens().members, told)
        check_kept(self.named, index, told, signers, authors_of(state))
        return told

    def still_reached(self, index, record):
        told = self.told_of_people(index, record)
        directory = None if told is None else {identity(member["identity"]): member for member in told["members"]}
        for people in as_verified(self.named, index, self.people_of_tokens(), told):
            self.reached_by(people, directory, record)

    def standing(self, each, people, at):
        """A sign-off as it counts at a verdict: without a passkey that was surely revoked by then, or that its owner confirmed."""
        place, counts = each["place"], lambda key, signed: self.pack.passkey_counts(key, signed, at, people)
        if place is not None and "passkey" in place and not counts(place["passkey"], place["at"]):
            place = {name: value for name, value in place.items() if name != "passkey"}
        own = each["standsPasskey"] and counts(each["passkey"]["id"], each["at"])
        return {**each, "place": place, "standsPasskey": own}

    def reached_by(self, people, directory, record):
        state = self.state
        barred = excluded(people, state["requirements"]["rule"], state["freeze"], state["request"])
        barred |= {people.of(each) for each in state.get("lent", [])}
        for seats in state["settled"].values():
            require(not any(people.of(seat["person"]) in barred for seat in seats), "somebody with a hand in the candidate has a seat")

        def holds(sign_offs):
            review = Review(state, people, [self.standing(each, people, record["at"]) for each in sign_offs], directory)
            taken = review.in_seats([seat for seats in state["settled"].values() for seat in seats])
            if len(set(taken)) < len(taken):
                return False
            return review.rejected_by() is None and all(review.stands(stage, seats) for stage, seats in state["settled"].items())

        require(len(state["settled"]) == len(state["requirements"]["rule"]["stages"]), "a verdict came before every stage was decided")
        seats = [seat for each in state["settled"].values() for seat in each]
        self.either_way(record["at"], holds, "a verdict is PASSED, but a seat does not stand", seated_in(seats))
