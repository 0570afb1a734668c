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
from credentials import Credentials
from encoding import Wrong, b64, canonical_bytes, digest, instant, parse, read_canonical, require, require_known, say, to_b64url, unix
from forms import check_body, check_lists, check_record, of_people
from ids import LETTERS, check_record_id
from log import check_ed25519, check_proof, leaf_hash, verifier_key, verify_log
from policies import name_as_read
from promotion import Promotion
from receipts import check_receipts
from statements import PAYLOAD_TYPE, pae
from versions import Versions
from windows import check_windows

CLOCKS = 60
ON_ITS_WAY = 900
GOES_WITHIN = 86400
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


class Pack(Credentials, Versions):
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
            require(body["role"] == "checkpoint" or is_p256(body["key"]), "an attestation key is none of P-256")
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


def is_p256(text):
    """Whether it is a key of P-256 in PEM, its point told whole and on the curve."""
    try:
        key = serialization.load_pem_public_key(text.encode())
    except ValueError:
        return False
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    lines = text.split("\n")
    return (
        lines[0] == "-----BEGIN PUBLIC KEY-----" and lines[-2:] == ["-----END PUBLIC KEY-----", ""]
        and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) and b64("".join(lines[1:-2])) == key.public_bytes(*spki)
    )


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
