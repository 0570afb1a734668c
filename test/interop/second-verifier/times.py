"""When and in which order the records of a promotion were recorded: docs/format.md."""

import math

from aftermath import ENDED
from encoding import Wrong, identity, instant, later, require, unix
from quorum import People, normal
from statements import SKEW

TOLERANCE = 5
AT_ONCE = 60


def is_one(one, other):
    """Whether two sign-offs are one person's by their tokens."""
    return identity(one["reviewer"]) == identity(other["reviewer"]) or normal(one["email"]) == normal(other["email"]) != ""


class Times:
    """A promotion by its times."""

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
