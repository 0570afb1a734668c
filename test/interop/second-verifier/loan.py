"""Loans: docs/format.md."""

from encoding import Wrong, canonical, digest, identity, instant, later, read_canonical, require
from people import as_decided, as_verified
from quorum import as_seen, excluded, gives, in_order
from statements import NAMES, address_in, challenge_of, check_assertion, require_subject, same_person, sign_in_of

TOLERANCE = 5


def lender(pack, promotion, index, record, gates, freeze):
    """A lender's signature, held against its documents."""
    body, at = record["body"], record["at"]
    require(record["id"] == f"{promotion}/loan/{body['signature']}", "a lender's signature is recorded under another id")
    statement, pae_digest, claims = pack.ceremony(record, index, "loan.dsse.json", at)
    require_subject(statement, f"{pack.base}/attestation/loan/v1", "freeze.json", digest(freeze))
    said, told = statement["predicate"], read_canonical(freeze)
    expected = {
        **{name: said[name] for name in ("salt", "issuedAt", "expiresAt")},
        "promotion": promotion, "model": told["model"], "target": told["target"], "review": body["review"],
        "requirements": {"sha256": gates["sha"]}, "shown": {"sha256": gates["shown"]},
        "terms": {"seconds": body["seconds"], "incident": body["incident"]},
        **{name: body[name] for name in ("reason", "role", "lender")},
        **({"confirms": {"sha256": body["confirms"]}} if "confirms" in body else {}),
    }
    require(canonical(said) == canonical(expected), "a lender's statement says something else than records and documents")
    require(pae_digest.hex() == body["signature"], "a lender's signature is recorded under another statement's id")
    if claims is not None:
        require(claims[NAMES] == identity(said["lender"]), "a lender's statement names somebody else than its token")
        require(sign_in_of(claims) == body.get("signIn", {}), "a record tells of another sign-in than its token")
    use = body.get("passkey")
    if use is not None:
        known = pack.passkeys.get(use["id"])
        require(known is not None and same_person(known["passkey"]["owner"], body["lender"]), "a passkey is not the lender's")
        require(pack.passkey_signed(use["id"], at), "a passkey did not stand when it signed")
        counter = check_assertion(pack.document(record, "passkey.json"), known["passkey"], challenge_of(pae_digest))
        require(counter == use["counter"], "a passkey's counter is told otherwise")
    return {
        **body, "at": at, "envelope": digest(pack.document(record, "loan.dsse.json")),
        "email": address_in(claims), "tokenLeftOut": claims is None, "signedAt": (claims or {}).get("iat"),
    }


def member(each):
    return {"identity": each["lender"], "address": each["email"], "groups": each["groups"], "enabled": True}


def period(per, at):
    return {"month": at[:7], "quarter": f"{at[:4]}-Q{(int(at[5:7]) + 2) // 3}", "year": at[:4]}[per]


def check_lenders(pair, state, sign_offs, people, pack, as_of=None, directory=None):
    """Whether two people may lend, as people and roles were; by the directory, and by passkeys as of an instant, where they are given."""
    rule, roles = state["requirements"]["rule"], state["requirements"]["roles"]
    duties = {**rule, "excludes": sorted({*rule["excludes"], "requester", "started-the-run"})}
    barred = excluded(people, duties, state["freeze"], state["request"])
    approvers = set()
    for stage in range(len(rule["stages"])):
        latest = {}
        for each in sign_offs:
            if each["review"] == state["review"] and each["stage"] == stage:
                latest[people.of(each["reviewer"])] = each
        for each in latest.values():
            if each["result"] == "approve":
                approvers |= {people.of(each["reviewer"])}
                approvers |= {people.of(each["onBehalfOf"]["person"])} if "onBehalfOf" in each else set()
    for each in pair:
        role = roles[each["role"]]
        require(each["role"] in rule["loan"]["roles"], "somebody lent in a role that may not")
        require(gives(role, each["lender"]["issuer"], each["groups"]), "somebody lent in a role that they do not hold")
        asked, sign_in = role.get("signIn", {}), each.get("signIn", {})
        require("acr" not in asked or sign_in.get("acr") in asked["acr"], "somebody lent without the sign-in of their role")
        require(set(asked.get("amr", [])) <= set(sign_in.get("amr", [])), "somebody lent without the sign-in of their role")
        if role.get("secondFactor") == "passkey":
            stands = "passkey" in each and (as_of is None or pack.passkey_counts(each["passkey"]["id"], each["at"], as_of, people))
            require(stands, "somebody lent without the passkey that their role asks for")
        if directory is not None:
            known = directory.get(identity(each["lender"]))
            held = known is not None and known["enabled"] and gives(role, known["identity"]["issuer"], known["groups"])
            require(held, "somebody lent who does not hold the role any more")
        who = people.of(each["lender"])
        require(who not in barred, "somebody with a hand in the candidate lent")
        require(who not in approvers, "somebody lent who approves")
    require(people.of(pair[0]["lender"]) != people.of(pair[1]["lender"]), "one person lent twice")


def given(promotion, index, record):
    """A loan begins: holds it against its two signatures and the rule."""
    state, body = promotion.state, record["body"]
    known = {each["signature"]: each for each in promotion.lenders}
    try:
        first, second = (known[each["signature"]] for each in body["lenders"])
    except (KeyError, ValueError):
        raise Wrong("a loan rests on signatures that nothing proves") from None
    for each, told in zip((first, second), body["lenders"]):
        require(each["role"] == told["role"] and same_person(each["lender"], told["person"]), "a loan names others than signed for it")
    require(first["review"] == second["review"] == state["review"], "a loan rests on signatures of another review")
    terms = lambda each: (each["seconds"], each["incident"])
    require(second.get("confirms") == first["signature"] and "confirms" not in first, "a loan was confirmed by nobody")
    require(terms(first) == terms(second) == terms(body), "a loan is for other terms than were signed")
    require(instant(first["at"]) <= instant(second["at"]) < later(first["at"], 3600), "a loan was confirmed too late")
    require(instant(second["at"]) < instant(state["opened"]["deadline"]), "a loan was confirmed when the review was over")
    require(body["at"] == second["at"] and instant(body["until"]) == later(body["at"], body["seconds"]), "a loan lasts otherwise than signed")
    require(instant(record["at"]) < later(body["until"], TOLERANCE), "a loan was given when it was over")
    rule = state["requirements"]["rule"].get("loan")
    require(rule is not None and body["seconds"] <= rule["maximumSeconds"], "a loan is for longer than its rule lets it be")
    budget, of = body["budget"], rule["budget"]
    require(budget["of"] == of["loans"] and 1 <= budget["number"] <= of["loans"], "a loan is not within its budget")
    require(budget["period"] == period(of["per"], body["at"]), "a loan is counted in another period")
    ways = seen_by_lenders(promotion, body["at"])
    check = lambda people: either_way(ways, lambda seen: check_lenders((first, second), state, seen, people, promotion.pack))
    by_one_of(promotion, as_decided(promotion, index), check)
    state["loan"] = {**body, "pair": (first, second)}
    promotion.pack.budgets.append((state["freeze"]["model"]["name"], budget["period"], budget["number"]))


def seen_by_lenders(promotion, at):
    """Of the last seconds an approval may have been seen, and what took it back."""
    return list(as_seen(in_order(promotion.counted), at, lambda each: False))


def either_way(ways, check):
    """A check that holds in one of these ways; what is wrong in the first is wrong where it does not."""
    first = None
    for seen in ways:
        try:
            return check(seen)
        except Wrong as wrong:
            first = first or wrong
    raise first


def by_one_of(promotion, lists, check):
    """The same by one of these lists, of which one may be guessed."""
    def holds(people):
        check(people)
        promotion.note_guess(people)
    either_way(lists, holds)


def check_as_of_now(promotion, index, record):
    """The lenders once more, by what the directory told when the loan's verdict was signed; answers who is whom, and what it told."""
    loan = promotion.state["loan"]
    require(instant(record["at"]) < later(loan["until"], TOLERANCE), "a loan's verdict came when it was over")
    told = promotion.told_of_people(index, record)
    directory = None if told is None else {identity(each["identity"]): each for each in told["members"]}
    ways, lists = seen_by_lenders(promotion, loan["at"]), as_verified(promotion.named, index, promotion.people_of_tokens(), told)
    for people in lists:
        either_way(ways, lambda seen: check_lenders(loan["pair"], promotion.state, seen, people, promotion.pack, record["at"], directory))
    return lists, directory


def ran_longer(promotion):
    """What was lent and ran on after its time, or after it had been rejected, is said: whoever stood still has the same records."""
    life, begun = promotion.life, [place for place, (record, _) in enumerate(promotion.life) if record["type"] == "loan"]
    if not begun or not promotion.state["loan"].get("begun"):
        return []
    due, ended = promotion.state["loan"]["until"], [record for record, status in life[begun[0]:] if status != "loaned"]
    if not ended:
        return []
    by = [identity(each) for each in ended[0]["body"].get("by", [])] if ended[0]["type"] == "rejected" else []
    rejected = [each["at"] for each in promotion.counted if each["result"] == "reject" and identity(each["reviewer"]) in by]
    due, at, gone = min([due, *([max(rejected)] if rejected else [])]), ended[0]["at"], promotion.state.get("takenBack")
    notes = [f"what was lent was over at {due}, and ran until {at} by its records"] if instant(at) >= later(due, 900) else []
    return notes + ([f"what was lent was taken back at {gone}"] if gone is not None and instant(gone) >= later(at, 86400) else [])
