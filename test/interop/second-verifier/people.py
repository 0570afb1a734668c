"""Who is whom, by people.yaml of the policies that judged: docs/format.md."""

import functools
import re

from documents import read_people
from encoding import canonical, identity, parse, read_canonical, require
from quorum import People, normal

try:
    import yaml
except ImportError:
    # Without PyYAML people.json alone is believed, and a note says so.
    yaml = None
else:
    class Policy(yaml.SafeLoader):
        """YAML 1.2 with its core schema, as policies are written: PyYAML itself reads 1.1, where `on` is true, 012 is ten and 2026-11-22 a date."""

        yaml_implicit_resolvers = {}

    for kind, pattern, first in (
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
        ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
        ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    ):
        Policy.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), first)

    def whole(loader, node):
        text = loader.construct_scalar(node)
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)

    Policy.add_constructor("tag:yaml.org,2002:int", whole)
    Policy.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


@functools.lru_cache(maxsize=64)
def read_policy(text):
    """What a policy file says, which nobody changes; None where PyYAML does not read it, as it does no tab after a colon."""
    try:
        return yaml.load(text, Policy)
    except yaml.YAMLError:
        return None


def entries_of(pack, record):
    """people.yaml of the policies that a record brings, as people.json has its entries; None where it cannot be read here, or was left out."""
    apart = apart_in(pack.document(record, "policies.json"))
    require(set(apart) == {"people.yaml", "channels.yaml"}, "policies name other documents than people.yaml and channels.yaml")
    for name, sha in apart.items():
        brought = [each["sha256"] for each in record["attachments"] if each["name"] == name]
        require(brought == [sha], f"{record['id']} brings policies, and not the {name} that they name")
    text = pack.document(record, "people.yaml")
    return None if text is None or yaml is None else entries_in(text)


FILES = {
    "matrix.yaml", "thresholds.yaml", "targets.yaml", "machines.yaml", "instance-types.yaml", "messages.yaml", "compiled/manifest.json", "compiled/gates.wasm",
}


@functools.lru_cache(maxsize=16)
def apart_in(policies):
    """Which documents policies name beside themselves: they are in the one spelling that their digest is of."""
    told = read_canonical(policies)
    whole = set(told) == {"policyVersion", "apart", "files"} and set(told["files"]) == FILES and all(isinstance(each, str) for each in told["files"].values())
    require(whole, "policies have not the files that policies have")
    return told["apart"]


@functools.lru_cache(maxsize=64)
def entries_in(text):
    """The entries of a people.yaml, as people.json has them."""
    told = read_policy(text)
    return told and [
        {
            "addresses": [normal(each) for each in [*([entry["address"]] if "address" in entry else []), *entry.get("otherAddresses", [])]],
            "accounts": [{"provider": name, "id": number(entry["accounts"][name])} for name in ("github", "gitlab") if name in entry.get("accounts", {})],
            "identities": entry.get("identities", []),
            "outside": entry.get("outside", False),
        }
        for entry in told["people"]
    ]


def number(account):
    return account if isinstance(account, str) else str(int(account))


SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def expiries(policies, model_type, target):
    """How long rules of matrix.yaml for a model type in a target let a promotion be decided; None where it cannot be read here."""
    if yaml is None:
        return None
    matrix = read_policy(parse(policies)["files"]["matrix.yaml"])
    return matrix and [expiry(rule) for rule in matrix["rules"] if (rule["modelType"], rule["target"]) == (model_type, target)]


def is_signed_for(policies):
    """Whether people sign for what takes the place of these policies; None where it cannot be read here."""
    matrix = None if yaml is None else read_policy(parse(policies)["files"]["matrix.yaml"])
    return matrix and "policyChange" in matrix


def roles_in(policies):
    """The roles of matrix.yaml; None where it cannot be read here."""
    matrix = None if yaml is None else read_policy(parse(policies)["files"]["matrix.yaml"])
    return matrix and list(matrix["roles"].values())


def expiry(rule):
    told = str(rule["expiresAfter"])
    return int(told[:-1]) * SECONDS[told[-1]]


@functools.lru_cache(maxsize=64)
def remedies(policies, model_type, target):
    """Rules of matrix.yaml for a model type in a target, as they say what is done about what runs; None where it cannot be read here."""
    if yaml is None:
        return None
    matrix = read_policy(parse(policies)["files"]["matrix.yaml"])
    if matrix is None:
        return None
    own = [rule for rule in matrix["rules"] if (rule["modelType"], rule["target"]) == (model_type, target)]
    return [{**rule, "expiresAfterSeconds": expiry(rule)} for rule in own]


def named_people(pack, history):
    """people.yaml of the policies that the records of a promotion name, by their places in the log."""
    named = []
    for index, record in history:
        if record["type"] not in ("gates", "blocked", "verdict"):
            continue
        brought = [each["sha256"] for each in record["attachments"] if each["name"] == "policies.json"]
        if record["type"] == "verdict":
            require(brought == [record["body"]["policy"]] if "policy" in record["body"] else not brought, "a verdict names other policies than it brings")
        entries = entries_of(pack, record) if brought else None
        if entries is not None:
            named.append((index, entries))
    return named


def as_decided(promotion, index, at=None):
    """How people may have been known as something was decided: by lists of policies, and by the directory, as the next verdict tells."""
    yield from by_lists(promotion, index, at, [])
    also = also_known(promotion, index)
    if also:
        yield from by_lists(promotion, index, at, also)


def also_known(promotion, index):
    """Those who signed and whom the directory knew by another address by the next verdict."""
    named = {identity(each["identity"]): normal(each["address"]) for each in promotion.people_of_tokens().members}
    for place, record in promotion.records:
        if place > index and record["type"] == "verdict" and record["body"]["result"] == "PASSED":
            data = promotion.pack.document(record, "people.json")
            members = [] if data is None else read_people(data)["members"]
            return [each for each in members if named.get(identity(each["identity"]), normal(each["address"])) != normal(each["address"])]
    return []


def by_lists(promotion, index, at, also):
    """By which lists a decision may have been made, whose record names no policies: those named around it, and whatever was in force."""
    named, tokens, pack = promotion.named, promotion.people_of_tokens(), promotion.pack
    # Who rejects is told by the tokens in any case.
    own, tokens = (tokens.members, People(also + tokens.members, [], tokens.members)) if also else (None, tokens)
    before = [entries for place, entries in named if place <= index][-1:]
    after = [entries for place, entries in named if place > index][:1]
    yield from [People(tokens.members, entries, own) for entries in before + after] or [tokens]
    if pack.versions:
        moment = at or pack.records[index]["at"]
        for entries in (entries_of(pack, each) for each in pack.in_force_at(moment)):
            if entries is not None and entries not in before + after:
                yield People(tokens.members, entries, own)
        if not pack.may_be_on_its_way(moment):
            return
    if before and before == after:
        return
    # One after the other, and only if it comes to that: of a thousand who signed there are half a million pairs.
    for entries in guesses(promotion):
        people = People(tokens.members, entries, own)
        people.guessed = True
        yield people


def guesses(promotion):
    """What another people.yaml may have linked where the log does not tell of any: nobody, or two of those who signed or made the candidate."""
    signed = [each["reviewer"] for each in promotion.counted] + [each["lender"] for each in promotion.lenders]
    people = list({identity(each): each for each in signed}.values())
    yield []
    for place, one in enumerate(people):
        for other in [*({"identity": each} for each in people[place + 1:]), *authors_of(promotion.state)]:
            yield [{
                "identities": [one, *([other["identity"]] if "identity" in other else [])],
                "addresses": [other["address"]] if "address" in other else [],
                "accounts": [other["account"]] if "account" in other else [],
            }]


def authors_of(state):
    """Everybody who had a hand in a candidate."""
    lineage, request = state["freeze"]["lineage"], state["request"]
    authors = [each for name in ("trainedBy", "codeAuthors", "dataOwners", "infrastructureAuthors") for each in lineage[name]]
    return [*authors, {"identity": state["freeze"]["requester"]}, *([request["startedBy"]] if "startedBy" in request else [])]


def hands(state):
    """The authors in each duty that a rule may exclude, but for the pipeline itself."""
    lineage, request = state["freeze"]["lineage"], state["request"]
    return {
        "started-the-run": [request["startedBy"]] if "startedBy" in request else [], "trained-the-model": lineage["trainedBy"],
        "wrote-the-code": lineage["codeAuthors"], "owns-the-data": lineage["dataOwners"], "wrote-the-infrastructure": lineage["infrastructureAuthors"],
    }


def check_strangers(named, index, state):
    """No author is known by an account alone that no entry of people.yaml has: whoever it is, it is nobody in the directory."""
    entries, rule = dict(named).get(index), state["requirements"]["rule"]
    if entries is None or rule.get("unlinkableAuthors") == "allowed":
        return
    authors = hands(state)
    known = {canonical(account) for entry in entries for account in entry["accounts"]}
    named_so = [each["account"] for duty in rule["excludes"] for each in authors.get(duty, []) if "account" in each]
    require(all(canonical(each) in known for each in named_so), "a verdict is PASSED, and who made the candidate cannot be told from who approved it")


def names_untold(named, index, state, members, told):
    """Whether some author is nobody in people.yaml, nor anybody else whom the records tell of."""
    last = [entries for place, entries in named if place <= index][-1:] or [told["people"] if told else []]
    members = members + (told["members"] if told else [])
    known = {("address", normal(each["address"])) for each in members if each.get("address")}
    known |= {("identity", canonical(each["identity"])) for each in members}
    for entry in last[0]:
        known |= {("address", each) for each in entry["addresses"]} | {("account", canonical(each)) for each in entry["accounts"]}
        known |= {("identity", canonical(each)) for each in entry["identities"]}
    name = lambda each: ("address", normal(each["address"])) if "address" in each else next((kind, canonical(value)) for kind, value in each.items())
    return any(name(each) not in known for duty in state["requirements"]["rule"]["excludes"] for each in hands(state).get(duty, []))


def as_verified(named, index, tokens, told):
    """By which lists a verdict must hold; `told` is people.json, None where it is not there."""
    members = tokens.members + (told["members"] if told else [])
    last = [(place, entries) for place, entries in named if place <= index][-1:]
    own = [] if last and (last[0][0] == index or not told) else [told["people"] if told else []]
    return [People(members, entries, tokens.members) for entries in own + [entries for _, entries in last]]


def check_kept(named, index, told, signers, authors):
    """people.json has what people.yaml of the policies that the verdict names says of these people, and nothing else."""
    entries = dict(named).get(index)
    if entries is None or told is None:
        return
    people = {identity(each) for each in signers} | {identity(each["identity"]) for each in [*told["members"], *authors] if "identity" in each}
    addresses = {normal(each["address"]) for each in [*told["members"], *authors] if each.get("address")}
    accounts = {canonical(each["account"]) for each in authors if "account" in each}
    about = [
        each for each in entries
        if set(each["addresses"]) & addresses or set(map(identity, each["identities"])) & people or set(map(canonical, each["accounts"])) & accounts
    ]
    kept = list(map(canonical, told["people"]))
    require(all(canonical(each) in kept for each in about), "people.json leaves out what people.yaml says of somebody")
    require(set(kept) <= set(map(canonical, entries)), "people.json says what people.yaml does not")
