"""The gates of a promotion, and how its candidate ended: docs/format.md."""

from documents import read_requirements
from encoding import digest, instant, later, read_canonical, require
from forms import was_judged
from frozen import read_freeze
from policies import check_of_policies, check_unambiguous

ALWAYS = ("gate-report.json", "evidence-summary.json", "requirements.json", "policies.json", "people.yaml", "channels.yaml", "gates.wasm")


def belied(finding):
    """Whether a rule passed that did not by what its finding says was seen and asked for."""
    number = lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
    seen, bounds = finding["observed"], finding["required"] if isinstance(finding["required"], dict) else {}
    least, most = bounds.get("min"), bounds.get("max")
    out = number(seen) and (number(least) and seen < least or number(most) and seen > most)
    return finding["status"] == "passed" and out


class Judging:
    """A promotion by its gates."""

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
