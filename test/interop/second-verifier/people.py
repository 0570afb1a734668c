"""Who is whom, by people.yaml of the policies that judged: docs/format.md."""

from encoding import canonical, identity, parse, require
from quorum import People, normal

try:
    import yaml
except ImportError:
    # Without PyYAML people.json alone is believed, and a note says so.
    yaml = None


def entries_of(policies):
    """people.yaml of a version of the policies, as people.json has its entries; None where it cannot be read here."""
    if yaml is None:
        return None
    told = yaml.safe_load(parse(policies)["files"]["people.yaml"])["people"]
    return [
        {
            "addresses": [normal(each) for each in [*([entry["address"]] if "address" in entry else []), *entry.get("otherAddresses", [])]],
            "accounts": [{"provider": name, "id": str(entry["accounts"][name])} for name in ("github", "gitlab") if name in entry.get("accounts", {})],
            "identities": entry.get("identities", []),
            "outside": entry.get("outside", False),
        }
        for entry in told
    ]


def named_people(pack, history):
    """people.yaml of the policies that the records of a promotion name, by their places in the log."""
    named = []
    for index, record in history:
        if record["type"] not in ("gates", "blocked", "verdict"):
            continue
        brought = [each["sha256"] for each in record["attachments"] if each["name"] == "policies.json"]
        if record["type"] == "verdict":
            require(brought == [record["body"]["policy"]] if "policy" in record["body"] else not brought, "a verdict names other policies than it brings")
        entries = entries_of(pack.document(record, "policies.json")) if brought else None
        if entries is not None:
            named.append((index, entries))
    return named


def as_decided(named, index, tokens):
    """By which lists a decision may have been made, whose record names no policies."""
    before = [entries for place, entries in named if place <= index][-1:]
    after = [entries for place, entries in named if place > index][:1]
    return [People(tokens.members, entries) for entries in before + after] or [tokens]


def as_verified(named, index, tokens, told):
    """By which lists a verdict must hold; `told` is people.json, None where it is not there."""
    members = tokens.members + (told["members"] if told else [])
    last = [(place, entries) for place, entries in named if place <= index][-1:]
    own = [] if last and (last[0][0] == index or not told) else [told["people"] if told else []]
    return [People(members, entries) for entries in own + [entries for _, entries in last]]


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
