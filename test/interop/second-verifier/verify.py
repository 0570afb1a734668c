"""A second verifier of audit packs, written from docs/format.md alone: python3 verify.py PACK [RECEIPT …]

PACK is a zip or the folder that it was unpacked into. Needs Python 3.10 and `cryptography`, and PyYAML to ask people.yaml who is whom
(without it a note says that it was not asked). Ends with 0 only if everything holds.
Does not evaluate gates again, and looks at no table or report.
"""

import sys

sys.dont_write_bytecode = True

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aftermath import check_intruders
from announced import check_announced
from beside import check_beside
from container import check_keys, check_manifest, check_names, check_sums, read_pack
from documents import check_predicate
from encoding import Wrong, b64, canonical, canonical_bytes, digest, identity, instant, later, parse, read_canonical, require, require_known, say, to_b64url, unix
from forms import check_body, check_lists, check_record, of_people
from ids import LETTERS, check_record_id
from log import check_ed25519, check_proof, leaf_hash, verifier_key, verify_log
from policies import name_as_read
from promotion import Promotion
from people import entries_of, expiries, is_signed_for, roles_in
from quorum import People, gives, normal
from receipts import check_receipts
from windows import check_windows
from statements import NAMES, PAYLOAD_TYPE, address_in, application_of, challenge_of, check_assertion, check_id_token, claims_in, groups_of, open_envelope, pae, passkey_id, require_in_time, require_subject, same_person, sign_in_key

TOLERANCE = 5
# What was revoked may be written 3 seconds after its own time.
UNSEEN = TOLERANCE + 3
CLOCKS = 60
ON_ITS_WAY = 900
GOES_WITHIN = 86400
LONGEST_DELEGATION = 90 * 86400
APART = {"people.yaml", "channels.yaml"}
SIGNED_IN = ("sign-off", "sign-off-kept", "loan-requested", "delegated", "delegation-revoked", "passkey-enrolled", "passkey-confirmed", "passkey-revoked")
PERSONAL = {
    **{each: {"id-token.jwt"} for each in SIGNED_IN}, **{each: APART for each in ("gates", "blocked", "policy-activated", "freeze")},
    "verdict": {"people.json"} | APART,
}
ABOUT_PEOPLE = {
    *(f"notification-{each}" for each in (*LETTERS, "redriven", "discarded")), "link-opened", "export-requested", "export",
}


VERSIONS = {
    "freeze.json": "manifestVersion", "requirements.json": "requirementsVersion", "gate-report.json": "reportVersion",
    "evidence-summary.json": "summaryVersion", "people.json": "peopleVersion", "policies.json": "policyVersion",
    "earlier-releases.json": "documentVersion", "sign-offs.json": "signOffsVersion",
}


def is_sent(record, name):
    """Whether a document is what a pipeline sent, which may be called as it likes: a report, or evidence that was frozen."""
    if record["type"] == "freeze":
        return name != "freeze.json" and all(each["name"] != name for each in record["body"].get("frozen", []))
    return record["type"] in ("outcome", "drift")


def is_personal(record, name):
    return name in PERSONAL.get(record["type"], ()) and not is_sent(record, name)


class Pack:
    def __init__(self, files):
        self.files = files
        self.manifest = read_canonical(files["manifest.json"])
        require_known(self.manifest["packVersion"], "the pack", 2)
        check_manifest(self.manifest)
        require(self.manifest["packVersion"] in (1, 2), "a pack of another version")
        self.left_out = {each["sha256"] for each in self.manifest["documentsLeftOut"]}
        self.without = "personalRecordsLeftOut" in self.manifest
        require(all(each["name"] in set().union(*PERSONAL.values()) for each in self.manifest["documentsLeftOut"]), "a document was left out that may not be")
        require(self.without or not self.left_out, "documents were left out of a pack that is not one without personal data")
        self.records, self.keys, self.passkeys, self.delegations = {}, [], {}, {}
        self.installations, self.base = [], None
        self.sign_in_keys, self.signed_in_by = {}, set()
        self.confirmed = []
        self.budgets, self.judged, self.done, self.versions, self.asked = [], [], [], [], []

    def document(self, record, name):
        named = [each for each in record["attachments"] if each["name"] == name]
        require(len(named) == 1, f"{record['id']} does not name one {name}")
        sha = named[0]["sha256"]
        data = self.files.get(f"blobs/sha256/{sha}")
        if data is None and sha in self.left_out:
            return None
        require(data is not None and digest(data) == sha, f"{name} of {record['id']} is missing or has another digest")
        if name in VERSIONS and not is_sent(record, name):
            require_known(parse(data).get(VERSIONS[name]), f"{name} of {record['id']}")
        return data

    def verify(self, receipts=()):
        check_sums(self.files)
        self.read_records()
        self.read_installations()
        lines = [verifier_key(line) for line in self.files["keys/checkpoint.vkey"].decode().splitlines()]
        self.read_keys()
        check_keys(self)
        heads, signed = [], []
        leaves, size, time, _ = verify_log(self.files, self.manifest, [public for _, public in lines], heads, signed)
        self.goes_to = max((float(each) for _, each in heads if each is not None), default=float("inf"))
        late = self.check_times(heads)
        none = [index for index in sorted(late) if "promotion" not in self.records[index]]
        if none:
            say(f"records of no promotion that alone say that they were so early: {len(none)}, {none[0]} first")
        self.check_leaves(leaves, size)
        others = {each["sha256"] for record in self.records.values() for each in record["attachments"] if not is_personal(record, each["name"])}
        self.check_scope()
        for record in self.records.values():
            for each in record["attachments"]:
                left = self.without and each["sha256"] not in others
                require((each["sha256"] in self.left_out) == left, f"{each['name']} of {record['id']} was left out alone, or not with the others")
                self.document(record, each["name"])
        for name, count, signed_at, by in signed:
            counts = lambda key: (key["generation"] == 1 or key["index"] < count) and ("until" not in key or signed_at < float(unix(key["until"])))
            own = [key for key in self.keys if key["role"] == "checkpoint" and verifier_key(key["key"].rstrip("\n"))[1] in by]
            require(any(map(counts, own)), f"{name} is signed by a key that did not count then")
        self.read_passkeys()
        self.read_delegations()
        self.read_versions()
        promotions = {}
        for index, record in sorted(self.records.items()):
            if "promotion" in record:
                promotions.setdefault(record["promotion"], []).append((index, record))
        require(set(promotions) == set(self.manifest["promotions"]), "the manifest names other promotions than the records")
        scope = self.manifest["scope"]
        require(scope["kind"] != "promotion" or set(promotions) <= {scope["promotion"]}, "the pack is of more than the promotion that it is about")
        require(promotions or scope["kind"] in ("everything", "since"), "the pack says what it is about, and holds no promotion")
        say(f"log: {size} entries, {len(self.records)} records here, checkpoint signed at {time}")
        verified = []
        for name, records in promotions.items():
            promotion = Promotion(self, name, records)
            say(promotion.verify())
            verified.append(promotion)
            lent_until = promotion.state["loan"]["until"] if promotion.status == "loaned" else None
            over = lent_until is not None and unix(lent_until) + 900 <= float(time)
            require(not over, "a loan was over when the head was signed, and nothing says that it ended")
            ended_by = promotion.rejected() if lent_until is not None else []
            unheard = time is not None and ended_by and max(unix(each["at"]) for each in ended_by) + ON_ITS_WAY <= float(time)
            require(not unheard, "a loan was rejected before the head was signed, and nothing says that it ended")
            stopped = promotion.stopped_at()
            require(stopped is None or unix(stopped) + ON_ITS_WAY > float(time), "a promotion was rejected before the head was signed, and nothing says that it ended")
            left = promotion.under_way()
            if left is not None and time is not None and left[1].timestamp() + GOES_WITHIN <= float(time):
                say(f"{name}: how {left[0]} is not told, and it was long ago")
            ended = promotion.lent_until_taken_back()
            if ended is not None:
                require(time is None or unix(ended) + GOES_WITHIN > float(time), "a loan ended, and nothing says that what was lent was taken back")
                say(f"{name}: what was lent is not said to be taken back yet")
        require(len(set(self.budgets)) == len(self.budgets), "two loans have one place in a budget")
        check_intruders(self, [each for each in sorted(self.records.items()) if "promotion" not in each[1]], [], whole=scope["kind"] == "everything")
        strange = sum(each.authors_untold for each in verified)
        if strange:
            say(f"promotions that name authors who are nobody in people.yaml, nor else here: {strange}")
        barred = [each for each in verified if "started-the-run" in each.state.get("requirements", {}).get("rule", {}).get("excludes", [])]
        if barred:
            say(f"promotions of which their request alone tells who started the run, and may not approve: {len(barred)}")
        whole = self.manifest["scope"]["kind"] == "everything" and "personalRecordsLeftOut" not in self.manifest
        for note in [*check_beside(verified, whole, late, time), *check_announced(self, verified, whole, time), *self.counters()]:
            say(note)
        for issuer, name, key in sorted(self.signed_in_by, key=lambda each: [one or "" for one in each]):
            called = "without a name" if name is None else f"'{name_as_read(name)}'"
            say(f"a key that signed sign-ins, to be compared with those of its provider: {to_b64url(bytes.fromhex(key))} {called} of {name_as_read(issuer)}")
        if self.signed_in_by:
            say("whether people saw what they signed is told by nothing in a pack: the page that sent them to their identity provider is the service's own")
        entries = [self.files[f"records/{index}.json"] for index in range(size)] if whole else []
        check_names(self, {each.name: each for each in verified}, leaves, entries)
        self.check_policies()
        for note in check_windows(self, verified):
            say(note)
        check_receipts(self, receipts, whole, time)

    def read_records(self):
        seen = set()
        for name, data in self.files.items():
            if name.startswith("records/"):
                record = read_canonical(data)
                check_record(name, record)
                require(record["id"] not in seen, f"{record['id']} stands in the log twice")
                check_record_id(record)
                self.add_lists(record)
                check_body(record)
                record["body"] = of_people(record)
                seen.add(record["id"])
                self.records[int(name[len("records/") : -len(".json")])] = record
        require(len(self.records) == self.manifest["records"], "the manifest counts other records than there are")

    def add_lists(self, record):
        """What becomes of sign-offs, where that is too long for its record and lies beside it."""
        if record["type"] not in ("seat-reopened", "supersedes") or "sign-offs.json" not in [each["name"] for each in record["attachments"]]:
            return
        data = self.document(record, "sign-offs.json")
        lists = read_canonical(data)
        require(lists.pop("signOffsVersion") == 1, "lists of another version")
        require(set(lists) <= {"kept", "fallen"} and not set(lists) & set(record["body"]), f"{record['id']} says twice what becomes of sign-offs, or something else")
        check_lists(lists)
        record["body"] = {**record["body"], **lists}

    def read_installations(self):
        """What the log begins with, and each change of it; what the manifest says where that and the like is."""
        of = lambda *types: [index for index, each in sorted(self.records.items()) if each["type"] in types and "promotion" not in each]
        founding = {
            "installationRecords": of("installation"), "keyRecords": of("key"),
            "passkeyRecords": of("passkey-enrolled", "passkey-confirmed", "passkey-revoked"),
            "delegationRecords": of("delegated", "delegation-revoked"),
        }
        for name, found in founding.items():
            require(self.manifest[name] == found, f"the manifest names other {name} than there are")
        for index in founding["installationRecords"]:
            record = self.records[index]
            body = record["body"]
            before = max((each["at"] for place, each in self.records.items() if place < index), default=record["at"])
            require(instant(before) <= later(record["at"], 900), "settings are told of behind what was recorded long after them")
            require_known(body["recordVersion"], "the log")
            number = len(self.installations) + 1
            require(body["number"] == number and record["id"] == f"installation/settings/{number}", "the settings are counted as another version")
            first = self.installations[0] if self.installations else body
            require(body["logOrigin"] == self.manifest["log"]["origin"], "the settings are of another log")
            require(body["attestationBase"] == first["attestationBase"], "what is signed begins otherwise than before")
            claims = {each.get("subjectClaim", "sub") for each in [*self.installations, body] if each["issuer"] == body["issuer"]}
            require(len(claims) == 1, "people of an issuer are named by another claim than before")
            self.installations.append({**body, "index": index, "since": record["at"]})
        require(self.installations and self.installations[0]["index"] == 0, "the log does not begin with what the installation is")
        self.base = self.installations[0]["attestationBase"]

    def installed(self, index, at):
        """The settings under which something may have been recorded: for fifteen minutes around a change either."""
        def counts(place, each):
            begun = each["index"] < index or instant(each["since"]) <= later(at, 900)
            over = place + 1 < len(self.installations) and instant(at) > later(self.installations[place + 1]["since"], 900)
            return begun and not over
        return [each for place, each in enumerate(self.installations) if counts(place, each)]

    def read_versions(self):
        """The versions of the policies in the order in which they came in force, where the whole log tells of it. Of a part those are held
        against each other that are counted in turn."""
        whole = self.manifest["scope"]["kind"] == "everything" and "personalRecordsLeftOut" not in self.manifest
        told = [(record["body"]["number"], index, record) for index, record in self.records.items() if record["type"] == "policy-activated"]
        before = None
        for _, index, record in sorted(told, key=lambda each: each[:2]):
            body = record["body"]
            require(digest(self.document(record, "policies.json")) == body["policy"], "a version of the policies is not what it brings")
            entries_of(self, record)
            number = before["body"]["number"] + 1 if before else 1
            if body["number"] > number and not whole:
                pass
            elif body["number"] > number and self.may_be_on_its_way(record["at"]):
                say(f"which policies records/{index}.json took the place of: the records before it may be on their way to the log")
            else:
                require(body["number"] == number, "a version of the policies is counted as another")
                if "promotion" in record:
                    require(before and body["former"] == before["body"]["policy"], "policies took the place of others than were in force")
                elif before:
                    signed = is_signed_for(self.document(before, "policies.json"))
                    require(not signed, "a deployment put policies in force where people have to sign for them")
                    if signed is None:
                        say(f"whether people had to sign for what records/{index}.json put in force was not checked")
            if "promotion" in record:
                files = parse(self.document(record, "policies.json"))["files"]
                own = parse(files["compiled/manifest.json"].encode())["wasm"] == digest(b64(files["compiled/gates.wasm"]))
                require(own, "policies bring other compiled gates than their manifest names")
            before = record
            if whole:
                self.versions.append(record)

    def may_be_on_its_way(self, at):
        """Whether policies or settings may have been in force then of which the log does not tell yet."""
        return unix(at) > self.goes_to - ON_ITS_WAY - TOLERANCE

    def in_force_at(self, at):
        """The records of all versions that may have been in force then."""
        begun = lambda place: place == 0 or instant(self.versions[place]["at"]) <= later(at, TOLERANCE)
        over = lambda place: place + 1 < len(self.versions) and instant(at) > later(self.versions[place + 1]["at"], 900)
        return [each for place, each in enumerate(self.versions) if begun(place) and not over(place)]

    def check_policies(self):
        """Whether whatever judged was in force then."""
        if not self.versions:
            whole = self.manifest["scope"]["kind"] == "everything" and "personalRecordsLeftOut" not in self.manifest
            told = not whole or all(self.may_be_on_its_way(at) for at, _ in self.judged)
            require(told, "the log does not tell which policies were in force")
            if self.confirmed:
                say("whether whoever confirmed passkeys held a role then: which policies were in force is not told here")
            return
        in_force = lambda policy, at: policy in [each["body"]["policy"] for each in self.in_force_at(at)]
        others = [at for at, policy in self.judged if not in_force(policy, at)]
        require(all(map(self.may_be_on_its_way, others)), "something was judged by policies that were not in force")
        if others:
            say(f"policies of which the log does not tell yet judged something: {len(others)}, {min(others)} first")
        for name, kind, body, at in self.asked:
            ends = [expiries(self.document(each, "policies.json"), kind, body["target"]) for each in self.in_force_at(at)]
            if None in ends:
                say(f"{name}: its end was not held against the policies in force at its request")
                continue
            told = [later(at, seconds) for each in ends for seconds in each]
            if instant(body["expiresAt"]) not in told and self.may_be_on_its_way(at):
                say(f"{name}: its end was not held against policies of which the log does not tell yet")
                continue
            require(instant(body["expiresAt"]) in told, f"{name}: its request says another end than the policies in force then give it")
        for at, issuer, groups in self.confirmed:
            roles = [roles_in(self.document(each, "policies.json")) for each in self.in_force_at(at)]
            held = any(gives(role, issuer, groups) for each in roles if each for role in each)
            if not held and (None in roles or self.may_be_on_its_way(at)):
                say("whether whoever confirmed a passkey held a role was not checked")
                continue
            require(held, "a passkey was confirmed by somebody who held no role")
        # Whether those that took their place ask for the same is in YAML, which is not read here.
        for name in sorted({name for name, at, policy in self.done if not in_force(policy, at)}):
            say(f"{name}: other policies came in force before it was through; whether they ask for the same was not checked")

    def check_times(self, heads):
        """No record is younger than a checkpoint that has it. Answers when those that came late came, at the earliest."""
        whole = self.manifest["scope"]["kind"] == "everything" and "personalRecordsLeftOut" not in self.manifest
        late, unshown = {}, []
        for index, record in self.records.items():
            at = float(unix(record["at"]))
            had = [time for size, time in heads if size > index]
            require(not had or at <= min(had) + CLOCKS, f"records/{index}.json is of a time after a checkpoint that has it")
            came = [time for size, time in heads if size <= index] + ([min(had)] if whole and had else [])
            if came and at < max(came) - ON_ITS_WAY:
                late[index] = max(came)
            if not had or at < min(had) - ON_ITS_WAY:
                unshown.append(index)
        if unshown:
            say(f"records that no checkpoint shows to be as early as they say: {len(unshown)} of {len(self.records)}, {min(unshown)} first")
        return late

    def check_scope(self):
        """A part holds what its manifest says, which nobody signs."""
        scope, promotions = self.manifest["scope"], {}
        for record in self.records.values():
            if "promotion" in record:
                promotions.setdefault(record["promotion"], []).append(record)
        for name, records in promotions.items():
            if scope["kind"] == "promotion":
                require(name == scope["promotion"], "the pack says that it holds another promotion")
            elif scope["kind"] == "model":
                asked = [record["body"]["model"]["name"] for record in records if record["type"] == "request"]
                require(scope["model"] in asked, "the pack says that it holds another model")
            elif scope["kind"] == "time":
                meant = [record for record in records if scope["from"] <= record["at"] < scope["to"]]
                require(meant or self.without, "the pack says that it holds another time")
                if not meant:
                    say(f"{name}: nothing of it that is here is of the time that the manifest says; it may be among what was left out")

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
        left = self.manifest.get("personalRecordsLeftOut", [])
        require(all(each["type"] in ABOUT_PEOPLE for each in left), "a record was left out that a decision may rest on")
        for each in left:
            require(leaves[each["index"]].hex() == each["leafHash"], "a record that was left out has another hash in the log")
        named = {each["index"] for each in left}
        require(not named & set(self.records), "a record is said to be left out, and is there")
        if self.manifest["scope"]["kind"] == "everything":
            require(named | set(self.records) == set(range(size)), "a record is not there, and not among those that were left out")
            require(len(left) == len(named), "a record is named twice among those that were left out")

    def read_keys(self):
        """docs/keys.md, for keys that were never rotated and those that were."""
        for index, record in sorted(self.records.items()):
            if record["type"] != "key":
                continue
            body = record["body"]
            require(digest(body["key"].encode()) == body["keyid"], "a key has another id than it is named by")
            own = f"installation/key/{body['role']}/{body['generation']}/{body['change']}"
            require(record["id"] == own, "a key is recorded under the id of another")
            change = {"change": body["change"], **({"until": body["until"]} if body["change"] == "retired" else {})}
            of_role = [key for key in self.keys if key["role"] == body["role"]]
            if body["change"] == "published":
                require(body["generation"] == len(of_role) + 1, "a key is published out of turn")
                by = of_role[-1] if of_role else None
            else:
                require(1 <= body["generation"] < len(of_role), "a key is retired that has no successor")
                key, by = of_role[body["generation"] - 1 : body["generation"] + 1]
                require(key["keyid"] == body["keyid"] and "until" not in key, "a key is retired out of turn, or twice")
                key["until"] = body["until"]
            require(by is not None or body["voucher"] is None, "a key is vouched for that is the first of its role")
            if by is not None:
                statement = canonical_bytes({
                    "_type": "https://in-toto.io/Statement/v1",
                    "subject": [{"name": f"{body['role']}-key-{body['generation']}", "digest": {"sha256": body["keyid"]}}],
                    "predicateType": f"{self.base}/attestation/key/v1",
                    "predicate": {"role": body["role"], "generation": body["generation"], **change},
                })
                voucher = body["voucher"]
                require(voucher is not None and voucher["payloadType"] == PAYLOAD_TYPE, "nobody vouches for a key")
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
        check_predicate(envelope_name.removesuffix(".dsse.json"), predicate)
        require_in_time(predicate, at)
        token = self.document(record, "id-token.jwt")
        claims = None
        if token is not None:
            jwks = self.document(record, "jwks.json")
            claims = check_id_token(token, jwks, self.sign_ins(record, index, at, predicate, token), challenge_of(pae_digest), predicate["issuedAt"], at)
            name, key = sign_in_key(token, jwks)
            self.signed_in_by.add((*name, key))
            require(name[1] is None or self.sign_in_keys.setdefault(name, key) == key, "an identity provider has two keys of one name")
            require(groups_of(claims) == record["body"]["groups"], "a record has other groups than its token")
        return statement, pae_digest, claims

    def sign_ins(self, record, index, at, predicate, token):
        """The settings by which a sign-in counts; its own, where some that name these may be on their way to the log."""
        told = self.installed(index, at)
        claims = claims_in(token)
        issuer, application = claims["iss"], application_of(claims)
        named = any(each["issuer"] == issuer and application in each["audiences"] for each in told)
        if named or not isinstance(application, str) or not self.may_be_on_its_way(at):
            return told
        say(f"{record['id']}: whether its sign-in counts is not told yet: no settings that the log tells of name '{name_as_read(application)}' of {name_as_read(issuer)}")
        person = next(predicate[each] for each in ("reviewer", "lender", "person") if each in predicate)
        claim = next((each.get("subjectClaim", "sub") for each in told if each["issuer"] == issuer), "sub" if claims.get("sub") == person["subject"] else "oid")
        return [{"issuer": issuer, "audiences": [application], "subjectClaim": claim}]

    def counters(self):
        """A passkey that signs with a counter which it was at before may have been copied."""
        used, last, notes = [each for each in self.records.values() if each["type"] in ("sign-off", "loan-requested") and "passkey" in each["body"]], {}, []
        for each in sorted(used, key=lambda one: (one["at"], one["body"]["passkey"]["counter"])):
            use = each["body"]["passkey"]
            before = last.get(use["id"], 0)
            if 0 < before >= use["counter"] or "counterWentBack" in use:
                notes.append(f"{each['id']} is signed by a passkey with the counter {use['counter']}, after {before}: it may have been copied")
            last[use["id"]] = max(before, use["counter"])
        return notes

    def first_begun(self, begins):
        """What made passkeys or delegations before what was done about them: the log may have had it later."""
        return sorted(self.records.items(), key=lambda each: (each[1]["type"] != begins, each[0]))

    def read_passkeys(self):
        for index, record in self.first_begun("passkey-enrolled"):
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
                require(claims[NAMES] == identity(said["person"]), "a passkey's statement is somebody else's")
            address = normal(address_in(claims))
            known = self.passkeys.get(own)
            if deed == "enrol":
                require(known is None and same_person(said["person"], passkey["owner"]), "a passkey is enrolled by its owner, once")
                places = [each["passkeys"] for each in self.installed(index, at)]
                on_portal = any(passkey["rpId"] == each["rpId"] and passkey["origin"] in each["origins"] for each in places)
                require(on_portal or self.may_be_on_its_way(at), "a passkey was made elsewhere than on the portal of then")
                if not on_portal:
                    say(f"{record['id']}: whether it was made on the portal is not told yet: no settings that the log tells of name {name_as_read(passkey['origin'])}, for {name_as_read(passkey['rpId'])}")
                check_assertion(self.document(record, "passkey.json"), passkey, challenge_of(pae_digest))
                self.passkeys[own] = {"passkey": passkey, "enrol": at, "address": address, "people": [person_of(passkey["owner"], address)], "signed": {}}
                continue
            require(known is not None and deed not in known and instant(known["enrol"]) <= instant(at), f"a passkey's {deed} is of none, or the second")
            require(canonical(known["passkey"]) == canonical(passkey), "a passkey is described otherwise than it was enrolled")
            if deed == "confirm":
                require(not same_person(said["person"], passkey["owner"]), "somebody confirmed their own passkey")
                require(address == "" or address != known["address"], "somebody confirmed their own passkey under another identity")
                known["people"] = [*known["people"], person_of(said["person"], address)]
                self.confirmed.append((at, said["person"]["issuer"], body["groups"]))
            known[deed] = at
            known["signed"][deed] = (claims or {}).get("iat")

    def read_delegations(self):
        for index, record in self.first_begun("delegated"):
            if record["type"] not in ("delegated", "delegation-revoked"):
                continue
            body, at = record["body"], record["at"]
            statement, pae_digest, claims = self.ceremony(record, index, "delegation.dsse.json", at)
            said = statement["predicate"]
            terms, deed, person = said["delegation"], said["deed"], said["person"]
            own = digest(canonical_bytes(terms))
            require_subject(statement, f"{self.base}/attestation/delegation/v1", "delegation.json", own)
            require(record["id"] == f"delegation/{own}/{deed}" and body["delegation"] == own, "a delegation's record has another id")
            told = [body[name] for name in ("delegator", "delegate", "person")]
            require(list(map(identity, told)) == list(map(identity, [terms["delegator"], terms["delegate"], person])), "a delegation's record names others")
            if claims is not None:
                require(claims[NAMES] == identity(person), "a delegation's statement is somebody else's")
            use = body.get("passkey")
            if use is not None:
                key = self.passkeys.get(use["id"])
                require(key is not None and same_person(key["passkey"]["owner"], person), "a passkey is not the delegator's")
                require(self.passkey_signed(use["id"], at), "a passkey did not stand when it signed")
                counter = check_assertion(self.document(record, "passkey.json"), key["passkey"], challenge_of(pae_digest))
                require(counter == use["counter"], "a passkey's counter is told otherwise")
            known = self.delegations.get(own)
            if deed == "delegate":
                require(known is None and same_person(person, terms["delegator"]), "a delegation is given by its delegator, once")
                require(not same_person(terms["delegator"], terms["delegate"]), "somebody stands in their own place")
                longest = later(max(terms["from"], at), LONGEST_DELEGATION)
                require(instant(terms["until"]) <= longest, "a delegation lasts for longer than it may")
                address = address_in(claims)
                self.delegations[own] = {"delegation": terms, "at": at, "groups": body["groups"], "address": address, "signed": {}}
                self.delegations[own].update({"passkey": use["id"]} if use is not None else {})
            else:
                once = known is not None and "revoked" not in known and instant(known["at"]) <= instant(at)
                require(deed == "revoke" and once, "a revocation of no delegation, or the second")
                require(identity(person) in map(identity, [terms["delegator"], terms["delegate"]]), "a delegation was revoked by a stranger")
                known["revoked"] = at
            self.delegations[own]["signed"][deed] = (claims or {}).get("iat")

    def passkey_signed(self, key, at):
        """Whether what it signed may be recorded at an instant: a revocation of the same seconds may not have been seen."""
        known = self.passkeys.get(key, {})
        confirmed = "confirm" in known and instant(known["confirm"]) <= instant(at)
        return confirmed and ("revoke" not in known or instant(at) <= later(known["revoke"], UNSEEN))

    def passkey_counts(self, key, signed, at, people=None):
        """Whether it counts at an instant for what it signed: not surely revoked, and confirmed by somebody else, as these people are linked."""
        known, surely = self.passkeys.get(key), later(at, -TOLERANCE)
        if known is None or "confirm" not in known or instant(known["confirm"]) > max(surely, instant(signed)):
            return False
        if "revoke" in known and instant(known["revoke"]) <= later(at, -UNSEEN):
            return False
        if people is None:
            return True
        linked = People([*people.members, *known["people"]], people.entries)
        owner, confirmer = known["people"]
        return linked.of(owner["identity"]) != linked.of(confirmer["identity"])


def person_of(identity, address):
    return {"identity": identity, "address": address, "groups": [], "enabled": False}


def why_refused(files_of, receipts=()):
    """What is wrong with a pack, in a sentence; None where everything that was checked holds."""
    try:
        Pack(files_of()).verify(receipts)
    except Wrong as wrong:
        return str(wrong)
    except Exception as broken:  # Whoever made the pack chose every byte of it: whatever breaks on one of them is a refusal.
        return f"something is missing or is not in its form ({type(broken).__name__}: {broken})"
    return None


def main(path, *receipts):
    return tell(why_refused(lambda: read_pack(path), receipts))


def tell(why):
    """Says what came of it, and answers the exit code."""
    say("Everything that was checked holds." if why is None else f"REFUSED: {why}")
    return 0 if why is None else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
