"""What was decided about a promotion, and by whom: stages, rejections, the verdict: docs/format.md."""

import re

from aftermath import ENDED
from documents import read_people
from encoding import canonical, digest, identity, instant, later, require, require_known
from loan import check_as_of_now, member
from people import as_decided, as_verified, authors_of, check_kept, check_strangers, names_untold
from quorum import People, Review, as_seen, excluded, in_order, surely, until
from release import check_allowed, check_release, check_target, in_force, latest_end
from statements import open_envelope, require_subject

TOLERANCE = 5
# What was revoked may be written 3 seconds after its own time.
UNSEEN = TOLERANCE + 3


def as_revoked(sign_offs, at, rests):
    """Sign-offs with every revocation of a delegation, and without those that may not have been seen at an instant: of what a decision rests on, or of all."""
    yield sign_offs
    late = lambda place: place is not None and "revoked" in place and later(at, -UNSEEN) < instant(place["revoked"]) <= later(at, TOLERANCE)
    unseen = [each["onBehalfOf"]["delegation"] for each in sign_offs if late(each["place"])]
    behind = [each["onBehalfOf"]["delegation"] for each in sign_offs if late(each["place"]) and rests(each)]
    unrevoked = lambda place: {name: told for name, told in place.items() if name != "revoked"}
    for those in filter(None, (behind, unseen)):
        yield [{**each, "place": unrevoked(each["place"])} if each.get("onBehalfOf", {}).get("delegation") in those else each for each in sign_offs]


def seated_in(seats):
    return lambda each: each["signOff"] in [seat["signOff"] for seat in seats]


class Deciding:
    """A promotion by what was decided."""

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
            self.check_lent_seats(record, named, *check_as_of_now(self, index, record))
        elif result == "PASSED":
            self.still_reached(index, record)
            self.notes += [f"that the approval {each} fell, which was given under conditions, is told by its record alone" for each in state.get("fell", ())]
            require(instant(at) < later(state["expiresAt"], 900 + TOLERANCE), "a verdict is PASSED after the end")
        state["loanVerdict" if of_loan else "verdict"] = {"digest": digest(data), "at": at, "result": result, "conditions": conditions}
        if result == "FAILED":
            self.status = "blocked"

    def check_lent_seats(self, record, named, lists, directory):
        """A loan's verdict leaves out the seats that were lost by then, and no other."""
        state, at = self.state, record["at"]
        seats, ordered = [seat for each in state["settled"].values() for seat in each], in_order(self.counted)
        rests = seated_in(seats)
        # A passkey that was revoked in the last seconds may have been seen so as well.
        perhaps = later(at, UNSEEN + TOLERANCE).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        ways = [
            Review(state, people, [self.standing(each, people, moment) for each in seen], directory).lost()
            for people in lists for moment in (at, perhaps) for those in as_revoked(ordered, at, rests) for seen in as_seen(those, at, rests)
        ]
        for own in (seat["signOff"] for seat in seats):
            if own in named:
                require(not all(own in lost for lost in ways), "a loan's verdict rests on an approval that does not stand")
            elif own in state["kept"] or directory is None:
                if any(each["signOff"] == own and "conditions" in each for each in self.counted):
                    self.notes.append(f"that the approval {own} fell, which was given under conditions, is told by its loan's verdict alone")
            else:
                require(any(own in lost for lost in ways), "a loan's verdict leaves out an approval that stood")

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
