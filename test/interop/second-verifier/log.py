"""The log of docs/format.md: tiles, checkpoints, proofs."""

import re
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from encoding import Wrong, b64, of_large_order, require, sha256

EMPTY = sha256()


def leaf_hash(entry):
    return sha256(b"\x00", entry)


def node(left, right):
    return sha256(b"\x01", left, right)


def split(size):
    return 1 << (size - 1).bit_length() - 1


def root(hashes):
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    middle = split(len(hashes))
    return node(root(hashes[:middle]), root(hashes[middle:]))


def tile_path(level, index, width):
    groups = []
    while True:
        groups.insert(0, f"{index % 1000:03d}")
        index //= 1000
        if index == 0:
            break
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"log/tile/{level}/{name}" + ("" if width == 256 else f".p/{width}")


def entries_path(index, width):
    return tile_path("entries", index, width)


def hashes_at(leaves, level):
    """The roots of the full tiles below, level by level."""
    for _ in range(level):
        leaves = [root(leaves[256 * index : 256 * (index + 1)]) for index in range(len(leaves) // 256)]
    return leaves


def included(leaf, index, size, proof, wanted):
    """RFC 9162 section 2.1.3.2."""
    at, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node(sibling, value)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            value = node(value, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and index < size and value == wanted


def consistent(old_size, old_root, size, new_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if old_size == size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node(sibling, before), node(sibling, after)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def verifier_key(line):
    name, key_id, rest = line.split("+", 2)
    data = b64(rest)
    require(data[:1] == b"\x01" and len(data) == 33, "the checkpoint key is none")
    require(note_key_id(name, 1, data[1:]).hex() == key_id, "the checkpoint key has another id than it says")
    return name, data[1:]


def is_name(name):
    """Whether it can be the name of a key in a note."""
    return name != "" and not any(each == "+" or each.isspace() or unicodedata.category(each) == "Cc" for each in name)


def note_key_id(name, kind, public):
    return sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def open_checkpoint(data, origin, keys):
    """Size, root, when it was signed, and by which keys; refuses what no trusted key of the log has signed plainly."""
    require(len(data) <= 256 * 1024 and not any(byte < 0x20 and byte != 0x0A for byte in data), "a checkpoint has control characters, or is too long")
    text, _, tail = data.decode("utf-8").partition("\n\n")
    text += "\n"
    named, size, root_line = text[:-1].split("\n")
    require(named == origin, "the checkpoint is that of another log")
    require(re.fullmatch(r"0|[1-9]\d*", size, re.ASCII), "the size of a checkpoint is none")
    require(tail.count("\n") <= 64 and tail.endswith("\n"), "a checkpoint has more signatures than one may have")
    signed_by, time, dated_by = [], None, None
    for line in tail[:-1].split("\n"):
        dash, name, blob = line.split(" ")
        require(dash == "\u2014" and is_name(name), "a line of the checkpoint is no signature")
        blob = b64(blob)
        require(len(blob) > 4, "a line of the checkpoint has no signature")
        for public in keys:
            if name != origin:
                continue
            if blob[:4] == note_key_id(name, 1, public):
                check_ed25519(public, blob[4:], text.encode())
                signed_by.append(public)
            elif blob[:4] == note_key_id(name, 4, public):
                seconds = int.from_bytes(blob[4:12], "big")
                check_ed25519(public, blob[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode())
                if time is None or seconds > time:
                    time, dated_by = seconds, public
    require(signed_by, "no trusted key has signed the checkpoint")
    require(time is not None, "a checkpoint does not say when it was signed")
    require(dated_by in signed_by, "a checkpoint is dated by another key than the one that signed it")
    return int(size), b64(root_line), time, [dated_by]


def check_ed25519(public, signature, message):
    require(of_large_order(public) and of_large_order(signature[:32]), "a signature of the checkpoint is one that others could make")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise Wrong("a signature of the checkpoint does not fit") from None


def verify_log(pack, manifest, keys, heads, signed):
    """Every leaf hash of the log, held against its tiles and the checkpoint; of a whole log, its entries too. None without tiles.
    Notes in `heads` which tree was the latest when, and in `signed` by which keys."""
    head = pack["log/checkpoint"]
    size, wanted, time, signed_by = open_checkpoint(head, manifest["log"]["origin"], keys)
    heads += [(size, time)]
    signed += [("log/checkpoint", size, time, signed_by)]
    require(size == manifest["log"]["size"] and wanted.hex() == manifest["log"]["root"], "the manifest names another head")
    if manifest["scope"]["kind"] == "since":
        check_since(pack, manifest["scope"], size, wanted)
        return None, size, time, signed_by
    leaves = tile_hashes(pack, 0, size)
    below, level = leaves, 1
    while size >> 8 * level:
        count = size >> 8 * level
        roots = [root(below[256 * i : 256 * (i + 1)]) for i in range(count)]
        require(tile_hashes(pack, level, count) == roots, f"tiles of level {level} do not follow from those below")
        below, level = roots, level + 1
    require(root(leaves) == wanted, "the tiles do not make the root that the checkpoint signs")
    if manifest["scope"]["kind"] == "everything" and "personalRecordsLeftOut" not in manifest:
        require([leaf_hash(entry) for entry in entries(pack, size)] == leaves, "the entries are not those of the tiles")
        require(manifest["records"] == size, "records of the log are missing")
        for name in pack:
            if name.startswith("log/checkpoints/"):
                kept, kept_root, kept_time, kept_by = open_checkpoint(pack[name], manifest["log"]["origin"], keys)
                require(name == f"log/checkpoints/{kept}" and root(leaves[:kept]) == kept_root, f"{name} is of another log")
                heads += [(kept, kept_time)]
                signed += [(name, kept, kept_time, kept_by)]
    return leaves, size, time, signed_by


def check_since(pack, scope, size, wanted):
    """That the log goes on from the checkpoint that the reader kept."""
    lines, _, checkpoint = pack["proofs/since.add-checkpoint"].decode("utf-8").partition("\n\n")
    first, *hashes = lines.split("\n")
    require(first == f"old {scope['size']}" and checkpoint.encode() == pack["log/checkpoint"], "the log goes on from elsewhere")
    proof = [b64(each) for each in hashes]
    old_root = bytes.fromhex(scope["root"])
    require(consistent(scope["size"], old_root, size, wanted, proof), "the log does not go on from the earlier checkpoint")


def tile_hashes(pack, level, count):
    data = b""
    for index in range((count + 255) // 256):
        width = min(256, count - 256 * index)
        tile = pack.get(tile_path(level, index, width), b"")
        require(len(tile) == 32 * width, f"tile {level}/{index} is missing or of another length")
        data += tile
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def entries(pack, size):
    for index in range((size + 255) // 256):
        bundle, at = pack[entries_path(index, min(256, size - 256 * index))], 0
        while at < len(bundle):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            require(end <= len(bundle), "a bundle of entries is cut off")
            yield bundle[at + 2 : end]
            at = end


def check_proof(data, index, leaf, size, wanted, head):
    lines, _, checkpoint = data.decode("utf-8").partition("\n\n")
    first, second, *hashes = lines.split("\n")
    require(first == "c2sp.org/tlog-proof@v1" and second == f"index {index}", "a proof is that of another entry")
    require(checkpoint.encode() == head, "a proof has another checkpoint than the pack")
    require(included(leaf, index, size, [b64(each) for each in hashes], wanted), f"entry {index} is not in the log")
