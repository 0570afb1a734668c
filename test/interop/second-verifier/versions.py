"""The policies and settings of a pack, and from when on they were in force: docs/format.md."""

from encoding import b64, digest, instant, later, parse, require, require_known, say, unix
from people import entries_of, expiries, is_signed_for, roles_in
from quorum import gives

TOLERANCE = 5
ON_ITS_WAY = 900


class Versions:
    """A pack by its policies and settings."""

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
