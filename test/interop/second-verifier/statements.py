"""Signed statements of docs/format.md: envelopes, ID tokens, passkeys."""

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from encoding import (Wrong, b64, b64url, canonical_bytes, digest, identity, instant, later, no_number, of_large_order, parse, read_canonical,
                      require, require_shallow, sha256, to_b64url, unix)
from forms import text

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SKEW = 60


def pae(payload):
    return f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} ".encode() + payload


def verified(check, sentence):
    try:
        check()
    except InvalidSignature:
        raise Wrong(sentence) from None


def open_envelope(data, key_of):
    """The statement of an envelope that one key in force has signed, and its PAE's digest."""
    envelope = read_canonical(data)
    require(envelope["payloadType"] == PAYLOAD_TYPE, "an envelope holds something else than a statement")
    require(len(envelope["signatures"]) == 1, "an envelope has not exactly one signature")
    signature = envelope["signatures"][0]
    own = set(envelope) == {"payload", "payloadType", "signatures"} and set(signature) == {"keyid", "sig"}
    require(own, "an envelope has members that nobody signed")
    payload = b64(envelope["payload"])
    key = serialization.load_pem_public_key(key_of(signature["keyid"]).encode())
    verified(
        lambda: key.verify(b64(signature["sig"]), pae(payload), ec.ECDSA(hashes.SHA256())),
        "the service's signature over a statement does not fit",
    )
    statement = read_canonical(payload)
    require(statement["_type"] == "https://in-toto.io/Statement/v1", "a statement is none of in-toto")
    require(set(statement) == {"_type", "subject", "predicateType", "predicate"}, "a statement has other members")
    return statement, sha256(pae(payload))


def require_subject(statement, predicate_type, name, sha):
    require(statement["predicateType"] == predicate_type, "a statement is of another type")
    require(statement["subject"] == [{"name": name, "digest": {"sha256": sha}}], "a statement is about something else")


def require_in_time(predicate, at):
    salt = predicate["delegation"]["salt"] if "delegation" in predicate else predicate["salt"]
    require(isinstance(salt, str) and len(b64url(salt)) == 16, "a statement's salt is not 16 bytes")
    issued, expires = predicate["issuedAt"], predicate["expiresAt"]
    require(instant(issued) <= later(at, SKEW), "a statement is from the future")
    require(instant(at) < instant(expires) <= later(issued, 900), "a statement had expired, or was valid for too long")


def key_bytes(text):
    """Of a member of a key, which a provider may have padded."""
    return b64url(text.rstrip("="))


def jwk_key(jwk):
    number = lambda text: int.from_bytes(key_bytes(text), "big")
    if jwk["kty"] == "RSA":
        return rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()
    if jwk["kty"] == "EC":
        require(jwk["crv"] == "P-256", "a key on another curve")
        return ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), ec.SECP256R1()).public_key()
    require(jwk["crv"] == "Ed25519", "a key on another curve")
    return ed25519.Ed25519PublicKey.from_public_bytes(key_bytes(jwk["x"]))


def check_jws(algorithm, jwk, message, signature, der, sentence):
    key = jwk_key(jwk)
    if algorithm == "RS256" and jwk["kty"] == "RSA":
        require(key.key_size >= 2048 and key.public_numbers().e == 65537, "an RSA key is one that others could sign with")
        verified(lambda: key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256()), sentence)
    elif algorithm == "ES256" and jwk["kty"] == "EC":
        if not der:
            require(len(signature) == 64, sentence)
            halves = [int.from_bytes(signature[at : at + 32], "big") for at in (0, 32)]
            signature = utils.encode_dss_signature(*halves)
        verified(lambda: key.verify(signature, message, ec.ECDSA(hashes.SHA256())), sentence)
    elif algorithm == "EdDSA" and jwk["kty"] == "OKP":
        require(of_large_order(key_bytes(jwk["x"])) and of_large_order(signature[:32]), "an Ed25519 key is one that others could sign with")
        verified(lambda: key.verify(signature, message), sentence)
    else:
        raise Wrong(f"an algorithm that does not count here: {algorithm}")


# Whom a token that was checked names; no claim has such a name.
NAMES = ("issuer", "subject")


def address_in(claims):
    """The address of a sign-in; none where it was left out, names none, or says that nobody verified it."""
    address, verified = (claims or {}).get("email"), (claims or {}).get("email_verified", True)
    return address if isinstance(address, str) and (verified is True or verified == "true") else ""


def claims_in(token):
    """What a token says, none of which is verified."""
    return read_part(token.decode().split(".")[1])


def application_of(claims):
    audience = claims["aud"]
    return audience[0] if isinstance(audience, list) and len(audience) == 1 else audience


def check_id_token(token, jwks, installations, challenge, issued_at, at):
    """The claims of a token that signs a decision, for an application and by a provider of then."""
    require(len(token) <= 16384, "an ID token is longer than one may be")
    header, payload, signature = token.decode().split(".")
    head, claims = read_part(header), read_part(payload)
    require("crit" not in head, "an ID token has a header that cannot be used")
    jwk = key_of(head, jwks)
    signed = f"{header}.{payload}".encode()
    check_jws(head["alg"], jwk, signed, b64url(signature), False, "the identity provider's signature does not fit")
    own = [each for each in installations if each["issuer"] == claims["iss"]]
    require(own, "an ID token is of another issuer")
    application = application_of(claims)
    require(any(application in each["audiences"] for each in own), "an ID token is for another application")
    require(claims.get("token_use", "id") == "id", "a token is no ID token")
    subject = claims.get(own[0].get("subjectClaim", "sub"))
    require(isinstance(subject, str) and 0 < len(subject.encode("utf-16-le", "surrogatepass")) <= 510, "an ID token names nobody")
    require(claims.get("nonce") == challenge, "an ID token signs another decision")
    now = unix(at)
    require(is_number(claims["exp"]) and claims["exp"] > now, "an ID token had expired")
    require(is_number(claims["iat"]) and claims["iat"] <= now + SKEW, "an ID token is from the future")
    require(claims["iat"] >= 0, "an ID token was issued before 1970")
    require(is_number(claims.get("auth_time")), "an ID token does not say when the person signed in")
    require(max(0, int(unix(issued_at)) - SKEW) <= claims["auth_time"] <= now + SKEW, "a sign-in is not that of the decision")
    return {**claims, NAMES: (claims["iss"], subject)}


def read_part(part):
    """JSON as a token has it: the last of two members counts, and a number that is too large is beyond all others."""
    text = b64url(part).decode("utf-8")
    require_shallow(text)
    return json.loads(text, parse_constant=no_number, parse_int=lambda digits: int(digits) if len(digits) < 300 else float(digits))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def keys_in(jwks):
    """A set of keys, whatever they are."""
    told = read_canonical(jwks)
    keys = told.get("keys") if isinstance(told, dict) else None
    whole = isinstance(keys, list) and all(isinstance(key, dict) and isinstance(key.get("kty"), str) for key in keys)
    require(whole, "a key set that is none")
    return keys


def key_of(head, jwks):
    """The key of a token's header, by its name, or the first without one. A name that is no text is none."""
    name = (head["kid"],) if isinstance(head.get("kid"), str) else ()
    key = next((key for key in keys_in(jwks) if ((key["kid"],) if "kid" in key else ()) == name), None)
    require(key is not None, "an ID token is signed by a key that was not kept")
    return key


THUMBED = {"RSA": ("e", "n"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


def sign_in_key(token, jwks):
    """The provider and the name of the key that signed a token, and the key's RFC 7638 digest."""
    header, payload, _ = token.decode().split(".")
    head = read_part(header)
    name, key = head["kid"] if isinstance(head.get("kid"), str) else None, key_of(head, jwks)
    # However a key set writes its numbers, RFC 7518 has one spelling.
    number = {"RSA": lambda value: value.lstrip(b"\0"), "EC": lambda value: value.lstrip(b"\0").rjust(32, b"\0"), "OKP": bytes}[key["kty"]]
    members = {"kty": key["kty"], **{each: key[each] if each == "crv" else to_b64url(number(key_bytes(key[each]))) for each in THUMBED[key["kty"]]}}
    return (read_part(payload)["iss"], name), digest(canonical_bytes(members))


def groups_of(claims):
    groups = claims.get("cognito:groups")
    groups = claims.get("groups") if groups is None else groups
    whole = lambda text: text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    named = groups if isinstance(groups, list) and all(isinstance(each, str) for each in groups) else []
    return [whole(each) for each in named if text(whole(each))]


def sign_in_of(claims):
    found, kept = {}, lambda each: isinstance(each, str) and text(each) and not any("\ud800" <= part <= "\udfff" for part in each)
    if kept(claims.get("acr")):
        found["acr"] = claims["acr"]
    if isinstance(claims.get("amr"), list) and all(map(kept, claims["amr"])):
        found["amr"] = claims["amr"]
    return found


LONGEST = {"authenticatorData": 4096, "clientDataJSON": 4096, "credentialId": 1364, "signature": 1024}


def check_assertion(data, passkey, challenge):
    """A passkey's answer; the counter that it signed."""
    answer = read_canonical(data)
    require(set(answer) == set(LONGEST) and all(len(answer[each]) <= most for each, most in LONGEST.items()), "an answer of a passkey that is not in its form")
    client, authenticator = b64url(answer["clientDataJSON"]), b64url(answer["authenticatorData"])
    said = parse(client)
    require(answer["credentialId"] == passkey["credentialId"], "another passkey answered")
    require(said["type"] == "webauthn.get" and said["challenge"] == challenge, "a passkey signed another decision")
    require(said["origin"] == passkey["origin"], "a passkey signed on another page")
    require(said.get("crossOrigin") is not True and "topOrigin" not in said, "a passkey signed inside of another page")
    flags = authenticator[32]
    require(authenticator[:32] == sha256(passkey["rpId"].encode()), "a passkey signed for another relying party")
    require(flags & 0x01 and flags & 0x04, "a passkey signed without the person")
    require(not (flags & 0x10 and not flags & 0x08), "a passkey's flags contradict each other")
    require(flags & 0xC0 or len(authenticator) == 37, "there is more behind a passkey's data than it says")
    algorithm = {"EC": "ES256", "OKP": "EdDSA", "RSA": "RS256"}[passkey["publicKey"]["kty"]]
    signed = authenticator + sha256(client)
    check_jws(algorithm, passkey["publicKey"], signed, b64url(answer["signature"]), True, "a passkey's signature does not fit")
    return int.from_bytes(authenticator[33:37], "big")


def challenge_of(pae_digest):
    return to_b64url(pae_digest)


def passkey_id(public_key):
    return digest(canonical_bytes(public_key))


def same_person(a, b):
    return identity(a) == identity(b)
