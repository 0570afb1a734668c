"""What people were answered as they signed, and kept: docs/format.md."""

import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from encoding import b64, parse, require, say, unix
from statements import PAYLOAD_TYPE, pae

WITHIN = 2 * 86400
KINDS = {
    "sign-off": ("sign-off",), "loan": ("loan-requested",), "delegation": ("delegated", "delegation-revoked"),
    "passkey": ("passkey-enrolled", "passkey-confirmed", "passkey-revoked"), "verification_summary": ("verdict",),
}
# Under this name a record of the kind brings what was signed; whatever else hangs beside it, nobody looks at.
OWN = {**{kind: f"{kind}.dsse.json" for kind in KINDS}, "verification_summary": "verdict.dsse.json"}


def check_receipts(pack, paths, whole, time):
    for path in paths:
        for envelope in envelopes_in(json.load(open(path, encoding="utf-8"))):
            said = said_by(pack, envelope)
            if said is None:
                say(f"{path}: signed by no key that counts here")
                continue
            kind, signed_at, candidate = said
            # Of one statement there may be several envelopes that verify.
            told = any(
                parse(pack.document(record, OWN[kind]))["payload"] == envelope["payload"]
                for record in pack.records.values()
                if record["type"] in KINDS[kind] and record.get("promotion", "").startswith(candidate)
            )
            due = whole and time is not None and unix(signed_at) + WITHIN <= float(time)
            require(told or not due, "the service said that it recorded something, and the log does not tell of it")
            if not told:
                say(f"{path}: what it was answered for is not here, or not yet")


def envelopes_in(value):
    if isinstance(value, dict) and "payloadType" in value and "signatures" in value:
        yield value
    elif isinstance(value, dict) and "dsseEnvelope" in value:
        # A Sigstore bundle: its signature is by the key that its hint names.
        bare, hint = value["dsseEnvelope"], value["verificationMaterial"]["publicKey"]["hint"]
        yield {**bare, "signatures": [{"keyid": hint, "sig": each["sig"]} for each in bare["signatures"]]}
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from envelopes_in(each)


def said_by(pack, envelope):
    """What it is, when it was signed, and how the ids of its candidate begin; None where no key of the log signed it."""
    signature, *others = envelope["signatures"]
    keys = [each["key"] for each in pack.keys if each["role"] == "attestation" and each["keyid"] == signature["keyid"]]
    if others or not keys or envelope["payloadType"] != PAYLOAD_TYPE:
        return None
    payload = b64(envelope["payload"])
    try:
        key = serialization.load_pem_public_key(keys[0].encode())
        key.verify(b64(signature["sig"]), pae(payload), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return None
    statement = parse(payload)
    kind = re.search(r"/([a-z_-]+)/v[0-9]+\Z", statement["predicateType"]).group(1)
    predicate = statement["predicate"]
    candidate = "" if kind in ("delegation", "passkey") else f"p-{statement['subject'][0]['digest']['sha256'][:32]}-"
    return kind, predicate.get("issuedAt") or predicate["timeVerified"], candidate
