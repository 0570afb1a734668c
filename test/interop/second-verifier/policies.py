"""What reviewers of proposed policies were shown: docs/format.md. The sentences before the lines are not made again here."""

import base64

from encoding import digest, parse, require, require_known

TEXTS = (
    "matrix.yaml", "thresholds.yaml", "targets.yaml", "machines.yaml", "people.yaml", "instance-types.yaml", "channels.yaml", "messages.yaml",
    "compiled/manifest.json",
)
WASM = "compiled/gates.wasm"


def check_of_policies(freeze):
    """Policies run nowhere, so little is asked of them: nothing else goes by their name."""
    target, of_policies = freeze["target"], freeze["target"]["kind"] == "policy"
    marks = [freeze["model"]["type"] == "policy", freeze["model"]["name"] == "policy", *(each["role"] == "policy" for each in freeze["artifacts"])]
    require(all(mark == of_policies for mark in marks), "a candidate is one of policies in some of what it says alone")
    whole = freeze["artifacts"] and target == {"name": "policies", "kind": "policy", "endpoint": "in-force"}
    require(not of_policies or whole, "policies are to be put in force in another place than where they are")


def check_unambiguous(freeze):
    """What runs is found by its role, and documents by their names."""
    roles, names = [each["role"] for each in freeze["artifacts"]], [each["name"].lower() for each in [*freeze["artifacts"], *freeze["evidence"]]]
    once = freeze["target"]["kind"] == "policy" or all(roles.count(each) == 1 for each in ("model", "environment"))
    require(once and len(set(names)) == len(names), "which model or environment was signed is not told: there is not one, or two files have one name")


def version_of(freeze):
    """Which version a change of the policies proposes."""
    return next((each["sha256"] for each in freeze["artifacts"] if each["name"] == "policies.json"), None)


def check_shown(pack, state, record):
    """Both versions are in the pack as they are put in force, and as the gates pass where what is proposed was kept as it was frozen."""
    former, proposed = state["former"], version_of(state["freeze"])
    told = read(pack, next(each["sha256"] for each in state["freeze"]["evidence"] if each["name"] == "policy-check.json"))
    require_known(told["checkVersion"], "policy-check.json")
    require((told["former"], told["proposed"]) == (former, proposed), "reviewers were shown a check of other policies than were proposed")
    was, now = files_of(pack, former), files_of(pack, proposed)
    # Of what was left out as personal data nobody can tell the lines again.
    left_out = tuple(f"{name}: " for name in TEXTS if name not in was or name not in now)
    told["changes"] = [each for each in told["changes"] if not left_out or not each.startswith(left_out)]
    lines = changes(was, now)
    count = len(told["changes"]) - len(lines)
    sentences, shown = told["changes"][:max(count, 0)], told["changes"][max(count, 0):]
    require(shown == lines, "reviewers were shown other changes of the policies than there are")
    require(all(each.startswith(("No longer: ", "New: ")) for each in sentences), "reviewers were shown other changes of the policies than there are")


def read(pack, sha):
    data = pack.files.get(f"blobs/sha256/{sha}")
    require(data is not None and digest(data) == sha, "policies that were proposed, or those in their place, are missing")
    return parse(data)


def files_of(pack, sha):
    """All files of a version of the policies, but those that were left out as personal data."""
    told = read(pack, sha)
    apart = {name: pack.files.get(f"blobs/sha256/{each}") for name, each in told["apart"].items()}
    return told["files"] | {name: data.decode() for name, data in apart.items() if data is not None}


def changes(former, proposed):
    was, now = (digest(base64.b64decode(files[WASM])) for files in (former, proposed))
    told = [] if was == now else [f"The compiled gates are others: {now} instead of {was}."]
    for name in TEXTS:
        if name not in former or name not in proposed or former[name] == proposed[name]:
            continue
        gone, new = beyond(former[name], proposed[name]), beyond(proposed[name], former[name])
        told += [f"{name}: − {line}" for line in gone] + [f"{name}: + {line}" for line in new]
        if not gone and not new:
            told.append(f"{name}: the same lines in another order.")
    return told


def beyond(text, other):
    """Lines that one has more often than the other; empty ones are not told."""
    left, found = {}, []
    for line in other.split("\n"):
        left[line] = left.get(line, 0) + 1
    for line in text.split("\n"):
        if left.get(line, 0) > 0:
            left[line] -= 1
        elif line.strip():
            found.append(line)
    return found
