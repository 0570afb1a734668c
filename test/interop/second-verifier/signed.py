"""What people signed about a promotion, and the statements of it: docs/format.md."""

from documents import read_requirements
from encoding import canonical, canonical_bytes, digest, identity, instant, later, read_canonical, require
from frozen import read_freeze
from quorum import why_not_kept
from release import check_form
from statements import NAMES, address_in, challenge_of, check_assertion, require_subject, same_person, sign_in_of


class Signed:
    """A promotion by what people signed."""

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
