"""A second verifier of audit packs, written from docs/format.md alone: python3 verify.py PACK

PACK is a zip or the folder that it was unpacked into. Needs Python 3.10 and `cryptography`. Ends with 0 only if everything holds.
Does not evaluate gates again, and looks at no table or report.
"""

import os
import re
import sys
import zipfile

sys.dont_write_bytecode = True

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from encoding import (Wrong, b64, canonical, canonical_bytes, digest, identity, instant, later, parse, read_canonical, require)
from log import check_ed25519, check_proof, leaf_hash, verifier_key, verify_log
from quorum import People, Review, excluded, in_order, normal, until, why_not_kept, why_reopened
from statements import (challenge_of, check_assertion, check_id_token, groups_of, open_envelope, pae, passkey_id,
                        require_in_time, require_subject, same_person, sign_in_of)

TOLERANCE = 5
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def read_pack(path):
    if os.path.isdir(path):
        found = {}
        for folder, _, names in os.walk(path):
            for name in names:
                whole = os.path.join(folder, name)
                found[os.path.relpath(whole, path).replace(os.sep, "/")] = open(whole, "rb").read()
        return found
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        require(all(info.compress_type == zipfile.ZIP_STORED for info in infos), "a file of the zip is compressed")
        require(len({info.filename for info in infos}) == len(infos), "the zip has a name twice")
        return {info.filename: archive.read(info) for info in infos}


def check_sums(pack):
    listed = {}
    for line in pack["SHA256SUMS"].decode().splitlines():
        listed[line[66:]] = line[:64]
    require(set(listed) == set(pack) - {"SHA256SUMS"}, "SHA256SUMS lists other files than there are")
    for name, wanted in listed.items():
        require(len(name) <= 200 and SAFE.fullmatch(name), "a file has a name that packs do not have")
        require(digest(pack[name]) == wanted, f"{name} does not have the digest that SHA256SUMS names")


class Pack:
    def __init__(self, files):
        self.files = files
        self.manifest = read_canonical(files["manifest.json"])
        require(self.manifest["packVersion"] == 1, "a pack of another version")
        self.base = self.manifest["attestationBase"]
        self.left_out = {each["sha256"] for each in self.manifest["documentsLeftOut"]}
        allowed = {"id-token.jwt", "people.json"}
        require(all(each["name"] in allowed for each in self.manifest["documentsLeftOut"]), "a document was left out that may not be")
        self.records, self.keys, self.passkeys, self.delegations = {}, [], {}, {}

    def document(self, record, name):
        named = [each for each in record["attachments"] if each["name"] == name]
        require(len(named) == 1, f"{record['id']} does not name one {name}")
        sha = named[0]["sha256"]
        data = self.files.get(f"blobs/sha256/{sha}")
        if data is None and sha in self.left_out:
            return None
        require(data is not None and digest(data) == sha, f"{name} of {record['id']} is missing or has another digest")
        return data

    def verify(self):
        check_sums(self.files)
        self.read_records()
        lines = [verifier_key(line) for line in self.files["keys/checkpoint.vkey"].decode().splitlines()]
        self.read_keys()
        self.check_own_keys()
        leaves, size, time, signed_by = verify_log(self.files, self.manifest, [public for _, public in lines])
        self.check_leaves(leaves, size)
        for record in self.records.values():
            for each in record["attachments"]:
                self.document(record, each["name"])
        for key in self.keys:
            if key["role"] == "checkpoint" and verifier_key(key["key"].rstrip("\n"))[1] in signed_by:
                require(key["generation"] == 1 or key["index"] < size, "the head is signed by a key that was not published")
        self.read_passkeys()
        self.read_delegations()
        promotions = {}
        for index, record in sorted(self.records.items()):
            if "promotion" in record:
                promotions.setdefault(record["promotion"], []).append((index, record))
        require(set(promotions) == set(self.manifest["promotions"]), "the manifest names other promotions than the records")
        print(f"log: {size} entries, {len(self.records)} records here, checkpoint signed at {time}")
        for promotion, records in promotions.items():
            print(Promotion(self, promotion, records).verify())

    def read_records(self):
        seen = set()
        for name, data in self.files.items():
            if name.startswith("records/"):
                record = read_canonical(data)
                require(record["recordVersion"] == 1, f"{name} is no record of version 1")
                require(record["id"] not in seen, f"{record['id']} stands in the log twice")
                seen.add(record["id"])
                self.records[int(name[len("records/") : -len(".json")])] = record
        require(len(self.records) == self.manifest["records"], "the manifest counts other records than there are")

    def check_leaves(self, leaves, size):
        require(len(self.records) + self.manifest["recordsLeftOut"] == size, "the manifest miscounts what was left out")
        whole = self.manifest["scope"]["kind"] == "everything" and "personalRecordsLeftOut" not in self.manifest
        wanted = bytes.fromhex(self.manifest["log"]["root"])
        since = self.manifest["scope"].get("size", size)
        require(leaves is not None or set(range(since, size)) <= set(self.records), "a record since the checkpoint is missing")
        for index in self.records:
            leaf = leaf_hash(self.files[f"records/{index}.json"])
            if leaves is not None:
                require(index < size and leaves[index] == leaf, f"records/{index}.json is not the log's entry {index}")
            if not whole:
                proof = self.files[f"proofs/{index}.tlog-proof"]
                check_proof(proof, index, leaf, size, wanted, self.files["log/checkpoint"])
        for each in self.manifest.get("personalRecordsLeftOut", []):
            require(leaves[each["index"]].hex() == each["leafHash"], "a record that was left out has another hash in the log")

    def check_own_keys(self):
        """The keys that the pack brings are among those that the log published, where it names any."""
        lines = self.files["keys/checkpoint.vkey"].decode().splitlines(keepends=True)
        pems = [data.decode() for name, data in self.files.items() if re.fullmatch(r"keys/attestation.*\.pem", name)]
        for role, own in (("checkpoint", lines), ("attestation", pems)):
            published = {key["key"] for key in self.keys if key["role"] == role}
            require(not published or set(own) <= published, f"the pack brings a key ({role}) that was never published")
        public = serialization.load_pem_public_key(self.files["keys/checkpoint.pem"])
        require(public.public_bytes_raw() == verifier_key(lines[0].rstrip("\n"))[1], "keys/checkpoint.pem is another key")

    def read_keys(self):
        """docs/keys.md, for keys that were never rotated and those that were."""
        for index, record in sorted(self.records.items()):
            if record["type"] != "key":
                continue
            body = record["body"]
            require(digest(body["key"].encode()) == body["keyid"], "a key has another id than it is named by")
            change = {"change": body["change"], **({"until": body["until"]} if body["change"] == "retired" else {})}
            of_role = [key for key in self.keys if key["role"] == body["role"]]
            if body["change"] == "published":
                require(body["generation"] == len(of_role) + 1, "a key is published out of turn")
                by = of_role[-1] if of_role else None
            else:
                by = of_role[body["generation"]]
                of_role[body["generation"] - 1]["until"] = body["until"]
            if by is not None:
                statement = canonical_bytes({
                    "_type": "https://in-toto.io/Statement/v1",
                    "subject": [{"name": f"{body['role']}-key-{body['generation']}", "digest": {"sha256": body["keyid"]}}],
                    "predicateType": f"{self.base}/attestation/key/v1",
                    "predicate": {"role": body["role"], "generation": body["generation"], **change},
                })
                voucher = body["voucher"]
                require(b64(voucher["payload"]) == statement, "a key's voucher says something else than its record")
                require([each["keyid"] for each in voucher["signatures"]] == [by["keyid"]], "a key is vouched for by another")
                signature = b64(voucher["signatures"][0]["sig"])
                if body["role"] == "checkpoint":
                    check_ed25519(verifier_key(by["key"].rstrip("\n"))[1], signature, pae(statement))
                else:
                    key = serialization.load_pem_public_key(by["key"].encode())
                    key.verify(signature, pae(statement), ec.ECDSA(hashes.SHA256()))
            if body["change"] == "published":
                self.keys.append({**body, "index": index})

    def key_in_force(self, index, at):
        """The PEM of a key id, if its signatures count in an entry."""

        def of(keyid):
            known = [key for key in self.keys if key["role"] == "attestation"]
            if not known:
                pems = [data.decode() for name, data in self.files.items() if re.fullmatch(r"keys/attestation.*\.pem", name)]
                known = [{"key": pem, "keyid": digest(pem.encode()), "generation": 1, "index": -1} for pem in pems]
            found = [key for key in known if key["keyid"] == keyid]
            require(found, "a statement is signed by a key that was never published")
            key = found[0]
            require(key["generation"] == 1 or key["index"] < index, "a statement is signed by a key that was not published yet")
            require("until" not in key or instant(at) < instant(key["until"]), "a statement is signed by a key that was retired")
            return key["key"]

        return of

    def ceremony(self, record, index, envelope_name, at):
        """Opens a statement and holds the ID token against it: statement, challenge, claims or None."""
        statement, pae_digest = open_envelope(self.document(record, envelope_name), self.key_in_force(index, record["at"]))
        predicate = statement["predicate"]
        require_in_time(predicate, at)
        token = self.document(record, "id-token.jwt")
        claims = None
        if token is not None:
            jwks = self.document(record, "jwks.json")
            claims = check_id_token(token, jwks, self.manifest, challenge_of(pae_digest), predicate["issuedAt"], at)
            require(groups_of(claims) == record["body"]["groups"], "a record has other groups than its token")
        return statement, pae_digest, claims

    def read_passkeys(self):
        for index, record in sorted(self.records.items()):
            if not record["type"].startswith("passkey-"):
                continue
            body, at = record["body"], record["at"]
            statement, pae_digest, claims = self.ceremony(record, index, "passkey.dsse.json", at)
            said = statement["predicate"]
            passkey, deed = said["passkey"], said["deed"]
            own = passkey_id(passkey["publicKey"])
            require_subject(statement, f"{self.base}/attestation/passkey/v1", "passkey.jwk", own)
            require(record["id"] == f"passkey/{own}/{deed}" and body["passkey"] == own, "a passkey's record has another id")
            require(same_person(said["person"], body["person"]) and same_person(passkey["owner"], body["owner"]), "a passkey's record names others")
            if claims is not None:
                require((claims["iss"], claims["sub"]) == identity(said["person"]), "a passkey's statement is somebody else's")
            address = normal((claims or {}).get("email", ""))
            known = self.passkeys.get(own)
            if deed == "enrol":
                require(known is None and same_person(said["person"], passkey["owner"]), "a passkey is enrolled by its owner, once")
                check_assertion(self.document(record, "passkey.json"), passkey, challenge_of(pae_digest))
                self.passkeys[own] = {"passkey": passkey, "enrol": at, "address": address}
                continue
            require(known is not None and deed not in known, f"a passkey's {deed} is of none, or the second")
            require(canonical(known["passkey"]) == canonical(passkey), "a passkey is described otherwise than it was enrolled")
            if deed == "confirm":
                require(not same_person(said["person"], passkey["owner"]), "somebody confirmed their own passkey")
                require(address == "" or address != known["address"], "somebody confirmed their own passkey under another identity")
            known[deed] = at

    def read_delegations(self):
        for index, record in sorted(self.records.items()):
            if record["type"] not in ("delegated", "delegation-revoked"):
                continue
            body, at = record["body"], record["at"]
            statement, _, claims = self.ceremony(record, index, "delegation.dsse.json", at)
            said = statement["predicate"]
            terms, deed, person = said["delegation"], said["deed"], said["person"]
            own = digest(canonical_bytes(terms))
            require_subject(statement, f"{self.base}/attestation/delegation/v1", "delegation.json", own)
            require(record["id"] == f"delegation/{own}/{deed}" and body["delegation"] == own, "a delegation's record has another id")
            told = [body[name] for name in ("delegator", "delegate", "person")]
            require(list(map(identity, told)) == list(map(identity, [terms["delegator"], terms["delegate"], person])), "a delegation's record names others")
            if claims is not None:
                require((claims["iss"], claims["sub"]) == identity(person), "a delegation's statement is somebody else's")
            known = self.delegations.get(own)
            if deed == "delegate":
                require(known is None and same_person(person, terms["delegator"]), "a delegation is given by its delegator, once")
                address = (claims or {}).get("email", "")
                self.delegations[own] = {"delegation": terms, "at": at, "groups": body["groups"], "address": address}
            else:
                require(deed == "revoke" and known is not None and "revoked" not in known, "a revocation of no delegation, or the second")
                require(identity(person) in map(identity, [terms["delegator"], terms["delegate"]]), "a delegation was revoked by a stranger")
                known["revoked"] = at

    def passkey_stands(self, key, at):
        known = self.passkeys.get(key)
        return (
            known is not None and "confirm" in known and instant(known["confirm"]) <= instant(at)
            and not ("revoke" in known and instant(known["revoke"]) <= instant(at))
        )


class Promotion:
    """The life of one promotion, told again from its records."""

    def __init__(self, pack, name, records):
        self.pack, self.name, self.records = pack, name, records
        self.status, self.counted, self.notes = None, [], []
        self.state = {"review": 1, "settled": {}, "invalidated": set(), "stage": None, "gates": {}, "kept": {}}

    def verify(self):
        others = []
        expected = 0
        for index, record in self.records:
            if re.fullmatch(re.escape(self.name) + r"/\d+", record["id"]):
                require(record["id"] == f"{self.name}/{expected}", f"'{record['id']}' stands where '{self.name}/{expected}' belongs")
                expected += 1
            else:
                others.append((index, record))
        self.before = None
        # Sign-offs stand among the history; what they say is held against the review that they name.
        history = [each for each in self.records if each not in others]
        self.judge_gates(history)
        for index, record in others:
            if record["type"] == "sign-off":
                self.counted.append(self.sign_off(index, record))
            elif record["type"] == "sign-off-kept":
                self.counted.append(self.kept_sign_off(index, record))
        for index, record in history:
            self.step(index, record)
        self.check_statements()
        return f"{self.name}: PASSED, {self.status}, {len(self.counted)} sign-offs" + "".join(f"; {note}" for note in self.notes)

    def judge_gates(self, history):
        """What each review was judged by, which its sign-offs name."""
        review = 1
        for _, record in history:
            if record["type"] == "request":
                self.state["request"] = record["body"]
                require(self.name.startswith(f"p-{record['body']['freezeDigest'][:32]}-"), "a promotion's id is of another candidate")
            if record["type"] == "freeze":
                data = self.pack.document(record, "freeze.json")
                require(digest(data) == self.state["request"]["freezeDigest"], "another candidate was frozen than asked for")
                self.state["freeze"], self.state["digest"] = read_canonical(data), digest(data)
                kept = {each["name"]: each["sha256"] for each in record["attachments"]}
                for each in self.state["freeze"]["evidence"]:
                    require(kept.get(each["name"]) == each["sha256"], "the evidence that was kept is not the one that was frozen")
                copies = {each["name"]: each["key"] for each in record["body"]["frozen"]}
                for each in self.state["freeze"]["artifacts"]:
                    wanted = f"frozen/{each['sha256']}/"
                    require(copies.get(each["name"], "").startswith(wanted), "an artifact was frozen with other bytes than declared")
            if record["type"] == "gates":
                data = self.pack.document(record, "requirements.json")
                require(digest(data) == record["body"]["requirements"], "gates name other requirements than they bring")
                summary = self.pack.document(record, "evidence-summary.json")
                report = parse(self.pack.document(record, "gate-report.json"))
                require(report["outcome"] == record["body"]["outcome"], "the gate report says something else than its record")
                require(report["freezeDigest"] == self.state["digest"], "the gate report is about another candidate")
                always = ("gate-report.json", "evidence-summary.json", "requirements.json", "policies.json", "gates.wasm")
                beside = {each["name"]: each["sha256"] for each in record["attachments"] if each["name"] not in always}
                gates = {"requirements": read_canonical(data), "sha": digest(data), "shown": digest(summary), "beside": beside}
                self.state["gates"][review] = gates
            if record["type"] == "seat-reopened" and "from" in record["body"]:
                review += 1

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
        freeze, data = read_canonical(freeze_data), self.pack.document(record, "original-requirements.json")
        stage = read_canonical(data)["rule"]["stages"][body["stage"]]
        require(body["from"].startswith(f"p-{digest(freeze_data)[:32]}-"), "a kept sign-off is of another candidate than it names")
        context = {
            "promotion": body["from"], "model": freeze["model"], "target": freeze["target"], "review": body["review"],
            "stage": {"index": body["stage"], "name": stage["name"]}, "requirements": {"sha256": digest(data)},
        }
        found = self.proven(index, record, body["recordedAt"], digest(freeze_data), context)
        require(found["result"] == "approve" and set(kept["roles"]) <= set(found["roles"]), "only an approval in its roles is kept")
        self.state["kept"][body["signOff"]] = {"signOff": body["signOff"], **kept}
        newer = self.state["gates"].get(kept["review"])
        require(newer is not None, "a sign-off is kept for a review that never was")
        told = [each for _, each in self.records if each["type"] == "supersedes" and canonical(body["signOff"]) in canonical(each["body"])]
        require(len(told) == 1, "a sign-off is kept and nothing says so")
        older = {"freeze": freeze, "requirements": read_canonical(data), "stage": stage}
        newer = {"freeze": self.state["freeze"], "requirements": newer["requirements"]}
        for role in kept["roles"]:
            why = why_not_kept(role, kept["stage"], older, newer)
            require(why is None, f"a sign-off was kept although {why}")
        limit = newer["requirements"]["rule"].get("carryOverSeconds")
        require(limit is not None and later(body["recordedAt"], limit) > instant(told[0]["at"]), "a sign-off was kept for too long")
        return {**found, **kept, "at": body["recordedAt"]}

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
        shown = {"shown": said["shown"], **context}
        require(canonical(said) == canonical({**own, **told, **shown}), "a statement says something else than records and documents")
        require(sorted(set(said["roles"])) == said["roles"], "a statement's roles are not in their order")
        require(pae_digest.hex() == body["signOff"], "a sign-off is recorded under another statement's id")
        if claims is None:
            self.notes.append("an ID token was left out")
        else:
            require((claims["iss"], claims["sub"]) == identity(said["reviewer"]), "a statement names somebody else than its token")
            require(sign_in_of(claims) == body.get("signIn", {}), "a record tells of another sign-in than its token")
        use = body.get("passkey")
        if use is not None:
            known = self.pack.passkeys.get(use["id"])
            require(known is not None and same_person(known["passkey"]["owner"], body["reviewer"]), "a passkey is not the reviewer's")
            require(self.pack.passkey_stands(use["id"], at), "a passkey did not stand when it signed")
            counter = check_assertion(self.pack.document(record, "passkey.json"), known["passkey"], challenge_of(pae_digest))
            require(counter == use["counter"], "a passkey's counter is told otherwise")
        envelope = digest(self.pack.document(record, "sign-off.dsse.json"))
        return {
            **body, "envelope": envelope, "standsPasskey": use is not None, "email": (claims or {}).get("email", ""),
            "place": self.pack.delegations.get(body.get("onBehalfOf", {}).get("delegation")),
        }

    def check_statements(self):
        """The envelopes beside the records, as lines and as Sigstore bundles."""
        lines = []
        for _, record in self.records:
            if record["type"] not in ("sign-off", "verdict"):
                continue
            data = self.pack.document(record, f"{record['type']}.dsse.json")
            lines.append(data + b"\n")
            name = f"sign-off-{record['id'][-64:]}" if record["type"] == "sign-off" else "verdict"
            envelope = read_canonical(data)
            bundle = {
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": {"publicKey": {"hint": envelope["signatures"][0]["keyid"]}, "tlogEntries": []},
                "dsseEnvelope": {**envelope, "signatures": [{"sig": envelope["signatures"][0]["sig"]}]},
            }
            path = f"bundles/{self.name}/{name}.sigstore.json"
            require(self.pack.files.get(path) == canonical_bytes(bundle), f"{path} is not the statement of its record")
        own = self.pack.files.get(f"attestations/{self.name}.intoto.jsonl", b"")
        require(own == b"".join(lines), "the lines of attestations are not the statements of the records")

    # The life cycle.

    def step(self, index, record):
        state, kind, body, at = self.state, record["type"], record["body"], record["at"]
        if self.before is not None:
            require(instant(at) >= later(self.before, -TOLERANCE), f"'{record['id']}' goes back in time")
        self.before = at
        allowed = {
            "request": {None}, "freeze": {"gating"}, "gates": {"gating"}, "policy-proposed": {"gating"}, "policy-activated": {"approved"}, "supersedes": {"gating"},
            "stage-opened": {"gating", "in-review"}, "stage-decided": {"in-review"}, "seat-reopened": {"gating", "in-review", "approved"},
            "verdict": {"approved"}, "deployment-started": {"approved"}, "deployed": {"deploying", "restricted"}, "drift": {"deployed"},
            "rolled-back": {"deploying", "deployed", "restricted"}, "rejected": {"in-review", "approved"},
            "blocked": {"gating", "approved", "deploying"},
            "expired": {"gating", "in-review", "approved"}, "withdrawn": {"gating", "in-review", "approved"},
            "superseded": {"gating", "in-review", "approved"}, "failed": {"gating", "in-review", "approved", "deploying"},
        }
        if kind in allowed:
            require(self.status in allowed[kind], f"'{record['id']}' ({kind}) cannot follow: the promotion is {self.status}")
        if kind == "request":
            self.status = "gating"
        elif kind == "gates":
            gates = state["gates"][state["review"]]
            state["requirements"], state["sha"] = gates["requirements"], gates["sha"]
        elif kind == "supersedes":
            for each in body["kept"]:
                require(state["kept"].get(each["signOff"]) == each, "a sign-off is kept otherwise than is told")
        elif kind == "stage-opened":
            stages = state["requirements"]["rule"]["stages"]
            first = next(each for each in range(len(stages)) if each not in state["settled"])
            require(body["stage"] == first and body["name"] == stages[first]["name"] and state["stage"] is None, "a stage is opened out of turn")
            latest = instant(state["request"]["expiresAt"])
            if "deadlineSeconds" in stages[first]:
                latest = min(latest, later(at, stages[first]["deadlineSeconds"]))
            require(body["review"] == state["review"] and instant(body["deadline"]) <= latest, "a stage has more time than its rule")
            state["stage"], state["opened"], self.status = body["stage"], {**body, "at": at}, "in-review"
        elif kind == "stage-decided":
            self.decided(body, at)
        elif kind == "seat-reopened":
            self.reopened(body)
        elif kind == "rejected":
            tokens = self.people_of_tokens()
            by = lambda sign_offs: sorted(map(identity, Review(state, tokens, sign_offs).rejected_by() or []))
            self.either_way(at, lambda sign_offs: by(sign_offs) == sorted(map(identity, body["by"])), "a rejection that nobody signed")
            self.status = kind
        elif kind == "verdict":
            self.verdict(index, record)
        elif kind == "deployment-started":
            require(state.get("result") == "PASSED" and body["verdict"] == state["verdict"], "a deployment rests on no verdict")
            require(body["endpoint"] == state["freeze"]["target"]["endpoint"], "a deployment went to another endpoint")
            require(instant(at) < later(state["verdictAt"], 3600 + TOLERANCE), "a deployment began when its verdict was too old")
            self.status = "deploying"
        elif kind == "policy-activated":
            [artifact] = state["freeze"]["artifacts"]
            require(state.get("result") == "PASSED" and body["policy"] == artifact["sha256"], "other policies came in force than were signed off")
            self.status = "deploying"
        elif kind in ("deployed", "rolled-back", "blocked", "expired", "withdrawn", "superseded", "failed"):
            self.status = kind
        elif kind == "drift":
            self.status = "restricted"
        elif kind not in ("freeze", "held", "staged", "rollback", "clean-up"):
            raise Wrong(f"'{record['id']}' ({kind}) is no change of a promotion")

    def people_of_tokens(self):
        members = [
            {"identity": each["reviewer"], "address": each["email"], "groups": each["groups"], "enabled": True} for each in self.counted
        ]
        places = [each["place"] for each in self.counted if each["place"] is not None]
        members += [
            {"identity": place["delegation"]["delegator"], "address": place["address"], "groups": place["groups"], "enabled": True}
            for place in places
        ]
        return People(members, [])

    def either_way(self, at, holds, sentence):
        """A sign-off of the last seconds may or may not have been seen."""
        ordered = sorted(self.counted, key=lambda each: (each["at"], each["result"] != "reject", each["signOff"]))
        least, most = len(until(ordered, at, -TOLERANCE)), len(until(ordered, at, TOLERANCE))
        require(any(holds(ordered[:count]) for count in range(most, least - 1, -1)), sentence)

    def decided(self, body, at):
        state, stage = self.state, body["stage"]
        require(state["stage"] == stage, "a stage was decided that is not open")
        tokens = self.people_of_tokens()
        reached = lambda sign_offs: canonical(Review(state, tokens, sign_offs).reached(stage)) == canonical(body["seats"])
        self.either_way(at, reached, f"stage {stage} was decided with other seats than its sign-offs fill")
        self.check_times(stage, at)
        state["settled"][stage], state["stage"] = body["seats"], None
        self.status = "in-review" if len(state["settled"]) < len(state["requirements"]["rule"]["stages"]) else "approved"

    def check_times(self, stage, decided_at):
        opened, rule = self.state["opened"], self.state["requirements"]["rule"]["stages"][stage]
        for each in self.counted:
            if each["stage"] != stage or each["review"] != self.state["review"] or each["signOff"] in self.state["kept"]:
                continue
            if each.get("keptHere"):
                continue
            if each["result"] == "reject":
                continue
            earliest = rule["minimumReviewSeconds"] if each["result"] == "approve" else 0
            require(instant(each["at"]) >= later(opened["at"], earliest - TOLERANCE), "a sign-off came before its time")
            require(instant(each["at"]) < later(opened["deadline"], TOLERANCE), "a sign-off came after its stage was over")
            require(instant(each["at"]) <= later(decided_at, TOLERANCE), "a sign-off came after its stage was decided")

    def reopened(self, body):
        state = self.state
        if "from" in body:
            state["invalidated"].update(body["fallen"])
            state.update(review=state["review"] + 1, settled={}, stage=None)
            self.status = "gating"
            return
        if "kept" in body:
            self.kept_in_review(body)
            return
        fallen = {each["signOff"] for each in body["fallen"]}
        state["invalidated"] |= fallen
        state["settled"] = {
            stage: seats for stage, seats in state["settled"].items() if not any(seat["signOff"] in fallen for seat in seats)
        }
        state["stage"], self.status = None, "in-review"

    def kept_in_review(self, body):
        """What of the review before counts again, since nothing changed of what it judges."""
        state, last = self.state, body["review"] - 1
        require(self.status == "gating" and body["review"] == state["review"], "what is kept is told of another review")
        was, now = state["gates"].get(last), state["gates"].get(body["review"])
        require(was is not None and now is not None, "sign-offs are kept of a review that never was")
        people, standing = self.people_of_tokens(), {}
        for each in in_order(self.counted):
            if each["review"] == last:
                standing[(each["stage"], people.of(each["reviewer"]))] = each
        stood = {
            each["signOff"]: each for each in standing.values()
            if each["result"] == "approve" and each["signOff"] not in state["invalidated"]
        }
        named = [each["signOff"] for each in [*body["kept"], *body["fallen"]]]
        require(sorted(named) == sorted(stood), "it is not told of each sign-off that stood what becomes of it")
        newer = {"freeze": state["freeze"], **now}
        for kept in body["kept"]:
            given = stood[kept["signOff"]]
            older = {"freeze": state["freeze"], **was, "stage": was["requirements"]["rule"]["stages"][given["stage"]]}
            fits = kept["review"] == body["review"] and kept["roles"] and set(kept["roles"]) <= set(given["roles"])
            require(fits, "a sign-off is kept otherwise than it was signed")
            for role in kept["roles"]:
                why = why_reopened(role, kept["stage"], older, newer)
                require(why is None, f"a sign-off was kept although {why}")
            self.counted.append({**given, **kept, "keptHere": True})
        state["invalidated"].update(each["signOff"] for each in body["fallen"])

    def verdict(self, index, record):
        state, at, result = self.state, record["at"], record["body"]["result"]
        require("verdict" not in state, "a promotion has two verdicts")
        data = self.pack.document(record, "verdict.dsse.json")
        statement, _ = open_envelope(data, self.pack.key_in_force(index, at))
        seats = [seat for seats in state["settled"].values() for seat in seats]
        by_id = {each["signOff"]: each for each in self.counted}
        target, base, sha = state["freeze"]["target"], self.pack.base, state["sha"]
        levels = ["FAILED"]
        if result == "PASSED":
            levels = [f"COUNTERSIGN_{len(seats)}_OF_{len(seats)}", "COUNTERSIGN_IDP_BOUND"]
        expected = {
            "verifier": {"id": f"{base}/verifier/v1"}, "timeVerified": at,
            "resourceUri": f"{target['kind']}://{target['name']}/{target['endpoint']}",
            "policy": {"uri": f"{base}/requirements/{sha}", "digest": {"sha256": sha}},
            "inputAttestations": [
                {"uri": f"{base}/sign-offs/{seat['signOff']}", "digest": {"sha256": by_id[seat["signOff"]]["envelope"]}}
                for seat in seats
            ],
            "verificationResult": result, "verifiedLevels": levels, "slsaVersion": "1.1",
        }
        surely = [by_id[seat["signOff"]] for seat in seats]
        stand = [each["standsPasskey"] and self.pack.passkey_stands(each["passkey"]["id"], at) for each in surely]
        claims = [expected]
        if result == "PASSED" and seats and all(stand):
            claims.append({**expected, "verifiedLevels": [*levels, "COUNTERSIGN_PASSKEY"]})
        require_subject(statement, "https://slsa.dev/verification_summary/v1", "freeze.json", state["digest"])
        require(canonical(statement["predicate"]) in map(canonical, claims), "a verdict says something else than its records")
        if result == "PASSED":
            self.still_reached(record)
            require(instant(at) < later(state["request"]["expiresAt"], 900 + TOLERANCE), "a verdict is PASSED after the end")
        state.update(verdict=digest(data), verdictAt=at, result=result)
        if result == "FAILED":
            self.status = "blocked"

    def still_reached(self, record):
        state, tokens, directory = self.state, self.people_of_tokens(), None
        people = tokens
        if any(each["name"] == "people.json" for each in record["attachments"]):
            data = self.pack.document(record, "people.json")
            if data is None:
                self.notes.append("people.json was left out")
            else:
                told = read_canonical(data)
                people = People(told["members"], told["people"])
                directory = {identity(member["identity"]): member for member in told["members"]}
                both = People(told["members"] + tokens.members, told["people"])
                barred = excluded(both, state["requirements"]["rule"], state["freeze"], state["request"])
                for seats in state["settled"].values():
                    require(not any(both.of(seat["person"]) in barred for seat in seats), "somebody with a hand in the candidate has a seat")

        def holds(sign_offs):
            review = Review(state, people, sign_offs, directory)
            taken = review.in_seats([seat for seats in state["settled"].values() for seat in seats])
            if len(set(taken)) < len(taken):
                return False
            return review.rejected_by() is None and all(review.stands(stage, seats) for stage, seats in state["settled"].items())

        require(len(state["settled"]) == len(state["requirements"]["rule"]["stages"]), "a verdict came before every stage was decided")
        self.either_way(record["at"], holds, "a verdict is PASSED, but a seat does not stand")


def main(path):
    try:
        Pack(read_pack(path)).verify()
    except Wrong as wrong:
        print(f"REFUSED: {wrong}")
        return 1
    except (KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile) as broken:
        print(f"REFUSED: something is missing or is not in its form ({type(broken).__name__}: {broken})")
        return 1
    print("Everything that was checked holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
