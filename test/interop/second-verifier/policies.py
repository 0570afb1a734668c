"""What reviewers of proposed policies were shown: docs/format.md. The sentences before the lines are not made again here."""

import base64
import re

from encoding import digest, read_canonical, require, require_known

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
    return read_canonical(data)


def files_of(pack, sha):
    """All files of a version of the policies, but those that were left out as personal data."""
    told = read(pack, sha)
    apart = {name: pack.files.get(f"blobs/sha256/{each}") for name, each in told["apart"].items()}
    return told["files"] | {name: data.decode() for name, data in apart.items() if data is not None}


def changes(former, proposed):
    was, now = (digest(base64.b64decode(files[WASM])) for files in (former, proposed))
    told = [] if was == now else [f"The compiled gates are others: {now} instead of {was}. What they do cannot be read from this: build them from their sources, and compare the digest."]
    for name in TEXTS:
        if name not in former or name not in proposed or former[name] == proposed[name]:
            continue
        told += line_changes(name, former[name].split("\n"), proposed[name].split("\n"))
    return told


def line_changes(name, before, after):
    """What one text has and the other has not, in the order of both, below the lines that it belongs to."""
    steps, same, told, below = *aligned(before, after), [], []
    parents = [parents_in(lines) for lines in (before, after)]
    gone = {at for side, at in steps if side == 0}
    for side, at in steps:
        lines = (before, after)[side]
        if is_blank(lines[at]):
            continue
        above = ancestors_of(parents[side], at)
        former = [each if side == 0 else same.get(each) for each in above]
        keys = [each if known is None else ("former", known) for each, known in zip(above, former)]
        new = next((depth for depth, key in enumerate(keys) if below[depth:depth + 1] != [key]), len(keys))
        told += [f"{name}: … {as_read(lines[each])}" for each, known in list(zip(above, former))[new:] if known is not None and known not in gone]
        below = keys
        told.append(f"{name}: {'−+'[side]} {as_read(lines[at])}")
    return told or [f"{name}: blank lines, and nothing else."]


ALWAYS = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u0148\u014a-\u017e\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
APART = "\u00a1-\u00ac\u00ae-\u00bf\u00d7\u00f7\u0391-\u03a1\u03a3-\u03a9\u03ac-\u03ce\u0401\u0410-\u044f\u0451\u2010-\u2027\u2030-\u203a\u20ac\u2190-\u22ff"
UNMISTAKABLE = "ΓΔΘΛΞΠΣΦΨΩδζθλξπςφψωБГДЖЗИЙЛПФЦЧШЩЪЫЬЭЮЯбвгджзийлмнптфцчшщъыьэюя"


def as_read(text):
    """What does not show, or may be taken for something else, is written by its code point."""
    blanks = len(text) - len(text.rstrip(" "))
    return " ".join(map(word_as_read, text.rstrip(" ").split(" "))) + escaped(" ") * blanks


def name_as_read(name):
    """A name that somebody is to compare with what they know, and no more of it than a line has room for."""
    read = as_read(name)
    return read if len(read) <= 200 else f"{read[:200]}…"


def word_as_read(text):
    apart = not re.search("[0-9A-Za-z@]", text) and bool(re.search(f"[{UNMISTAKABLE}]", text) or not re.search("[\u0370-\u052f]", text))
    shown = re.compile("[!-~" + ("" if "@" in text else ALWAYS) + (APART if apart else "") + "]")
    parts = ["".join(each if shown.match(each) else escaped(each) for each in part) for part in text.split("\\u{")]
    return (escaped("\\") + "u{").join(parts)


def escaped(character):
    return f"\\u{{{ord(character):x}}}"


def aligned(before, after):
    """The changes in order, and where each line of the second text that stays stood in the first."""
    start, end, ending = 0, len(before), len(after)
    while start < min(end, ending) and before[start] == after[start]:
        start += 1
    while min(end, ending) > start and before[end - 1] == after[ending - 1]:
        end, ending = end - 1, ending - 1
    same = {at: at for at in range(start)} | {ending + at: end + at for at in range(len(before) - end)}
    one, other = before[start:end], after[start:ending]
    if len(one) * len(other) > 4_000_000:
        return [(0, start + at) for at in range(len(one))] + [(1, start + at) for at in range(len(other))], same
    common = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row in reversed(range(len(one))):
        for column in reversed(range(len(other))):
            either = max(common[row + 1][column], common[row][column + 1])
            common[row][column] = common[row + 1][column + 1] + weight(one[row]) if one[row] == other[column] else either
    steps, row, column = [], 0, 0
    while row < len(one) or column < len(other):
        if row < len(one) and column < len(other) and one[row] == other[column]:
            same[start + column] = start + row
            row, column = row + 1, column + 1
        elif row < len(one) and (column == len(other) or common[row + 1][column] >= common[row][column + 1]):
            steps.append((0, start + row))
            row += 1
        else:
            steps.append((1, start + column))
            column += 1
    return steps, same


def parents_in(lines):
    """Of each line the one nearest before it that is less indented, and neither blank nor a comment."""
    open_lines, parents = [], []
    for at, line in enumerate(lines):
        depth, beside = indent(line), is_blank(line) or line.lstrip(" \t").startswith("#")
        while not beside and open_lines and open_lines[-1][1] >= depth:
            open_lines.pop()
        parents.append(next((each for each, other in reversed(open_lines) if other < depth), None))
        if not beside:
            open_lines.append((at, depth))
    return parents


def ancestors_of(parents, at):
    """The lines that a line is below, the outermost first."""
    found = []
    while (at := parents[at]) is not None:
        found.append(at)
    return found[::-1]


def weight(line):
    """The less a line is indented, the more it weighs: the beginning of an entry stays rather than what moved into it."""
    return 1 if is_blank(line) else max(1, 16 - indent(line))


def indent(line):
    return len(line) - len(line.lstrip(" \t"))


def is_blank(line):
    return not line.strip(" \t\r")
