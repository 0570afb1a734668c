"""With what people sign: their sign-ins, passkeys and delegations, as a pack has them: docs/format.md."""

from documents import check_predicate
from encoding import canonical, canonical_bytes, digest, identity, instant, later, require, say
from policies import name_as_read
from quorum import People, normal
from statements import (NAMES, address_in, application_of, challenge_of, check_assertion, check_id_token, claims_in, groups_of, keys_in, open_envelope,
                        passkey_id, require_in_time, require_subject, same_person, sign_in_key)

TOLERANCE = 5
# What was revoked may be written 3 seconds after its own time.
UNSEEN = TOLERANCE + 3
LONGEST_DELEGATION = 90 * 86400


def person_of(identity, address):
    return {"identity": identity, "address": address, "groups": [], "enabled": False}


class Credentials:
    """A pack by what people sign with."""

    def ceremony(self, record, index, envelope_name, at):
        """Opens a statement and holds the ID token against it: statement, challenge, claims or None."""
        statement, pae_digest = open_envelope(self.document(record, envelope_name), self.key_in_force(index, record["at"]))
        predicate = statement["predicate"]
        check_predicate(envelope_name.removesuffix(".dsse.json"), predicate)
        require_in_time(predicate, at)
        token = self.document(record, "id-token.jwt")
        claims, jwks = None, self.document(record, "jwks.json")
        keys_in(jwks)
        if token is not None:
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
