"""The life cycle of a promotion, a record after the other: docs/format.md."""

from aftermath import ENDED, check_judged_in_shadow, check_remedy, check_shadow_report, check_shadow_time
from encoding import Wrong, canonical_bytes, digest, identity, instant, later, require
from forms import was_judged
from loan import given
from policies import check_shown, version_of
from quorum import Review
from release import check_held, check_release, check_share, check_time, check_told, check_watched, same
from served import check_repeated, check_served

TOLERANCE = 5
HEARD = 900
OF_WHAT_RUNS = ("deployment-started", "traffic-shifted", "drift", "loan", "shadow-run")


class History:
    """A promotion by its life cycle."""

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
        ran = state.get("loan", {}).get("begun") and self.status == "loaned" and kind in ("failed", "blocked", "rolled-back")
        if ran or ("loan" in state and kind in ("loan-running", "loan-ended")):
            require(not self.rejected(at, -HEARD), "what was lent ran on although it had been rejected")
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
            require(len({each["signOff"] for each in body["kept"]}) == len(body["kept"]), "a sign-off is kept twice")
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
            require(state["request"]["model"]["type"] == "policy", "policies are proposed by what is no change of them")
            require("freeze" not in state or body["proposed"] == version_of(state["freeze"]), "other policies were proposed than frozen")
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
            named = body["evidence"]["name"] == "_shadow-run.json"
            require(named and digests.get("_shadow-run.json") == body["evidence"]["sha256"], "another report of the run in shadow was kept")
            check_shadow_report(self.pack, self.name, state["shadow"], record)
            state["shadow"]["reported"], self.status = body["evidence"]["sha256"], "gating"
