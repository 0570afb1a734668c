"""A promotion that is reviewed once more, and what becomes of what was signed before: docs/format.md."""

from encoding import require
from quorum import as_seen, in_order, until, why_reopened
from release import same, those_that_fall


class Anew:
    """A promotion by its reviews."""

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
            require(self.status != "loaned", "another review began of what is lent")
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
