"""The pack of docs/format.md as files: the zip byte for byte, SHA256SUMS, manifest.json, and no file that belongs to nothing."""

import os
import re
import struct
import zipfile
import zlib

from cryptography.hazmat.primitives import serialization

from encoding import digest, require
from forms import DIGEST, PROMOTION, By, Only, at, at_most, count, misfit
from log import entries_path, hashes_at, tile_path, verifier_key

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
LIMIT_16, LIMIT_32 = 2**16 - 1, 2**32 - 1
UTF_8, SIZES_BEHIND, FIRST_DAY, MADE_BY = 0x0800, 0x0008, 0x0021, 0x031E


def read_pack(path):
    if os.path.isdir(path):
        found = {}
        for folder, _, names in os.walk(path):
            for name in names:
                whole = os.path.join(folder, name)
                found[os.path.relpath(whole, path).replace(os.sep, "/")] = open(whole, "rb").read()
        return found
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        require(all(info.compress_type == zipfile.ZIP_STORED for info in infos), "a file of the zip is compressed")
        require(len({info.filename for info in infos}) == len(infos), "the zip has a name twice")
        found = {info.filename: archive.read(info) for info in infos}
    streamed = {info.filename for info in infos if info.flag_bits & SIZES_BEHIND}
    with open(path, "rb") as file:
        for part in spelled(found, streamed):
            require(file.read(len(part)) == part, "the zip is written in another way than packs are")
        require(file.read(1) == b"", "there is more behind the zip's end")
    return found


def spelled(files, streamed):
    """The bytes of a zip, which follow from names and contents, and from whether sizes stand behind them."""
    rows, offset = [], 0
    for name, data in files.items():
        behind = name in streamed
        own, crc, flags = name.encode("ascii"), zlib.crc32(data), UTF_8 | (SIZES_BEHIND if behind else 0)
        before = (0, 0, 0) if behind else (crc, len(data), len(data))
        parts = [struct.pack("<I5H3I2H", 0x04034B50, 20, flags, 0, 0, FIRST_DAY, *before, len(own), 0) + own, data]
        parts += [struct.pack("<4I", 0x08074B50, crc, len(data), len(data))] if behind else []
        yield from parts
        far, rights = offset >= LIMIT_32, 0o100755 if name.endswith(".sh") else 0o100644
        rows.append(struct.pack(
            "<I6H3I5H2I", 0x02014B50, MADE_BY, 45 if far else 20, flags, 0, 0, FIRST_DAY, crc, len(data), len(data), len(own), 12 if far else 0,
            0, 0, 0, rights << 16, min(offset, LIMIT_32),
        ) + own + (struct.pack("<2HQ", 1, 8, offset) if far else b""))
        offset += sum(map(len, parts))
    yield from rows
    size, rows = sum(map(len, rows)), len(rows)
    if rows >= LIMIT_16 or max(size, offset) >= LIMIT_32:
        yield struct.pack("<IQ2H2I4Q", 0x06064B50, 44, MADE_BY, 45, 0, 0, rows, rows, size, offset)
        yield struct.pack("<2IQI", 0x07064B50, 0, offset + size, 1)
    yield struct.pack("<I4H2IH", 0x06054B50, 0, 0, min(rows, LIMIT_16), min(rows, LIMIT_16), min(size, LIMIT_32), min(offset, LIMIT_32), 0)


def check_sums(pack):
    listed, lines = {}, pack["SHA256SUMS"].decode("ascii").split("\n")
    require(lines.pop() == "" and lines, "SHA256SUMS is cut off")
    for line in lines:
        wanted, name = line[:64], line[66:]
        require(DIGEST(wanted) and line[64:66] == "  ", "SHA256SUMS has a line that is none")
        require(len(name) <= 200 and SAFE.fullmatch(name), "a file has a name that packs do not have")
        require(name not in listed, f"SHA256SUMS lists {name} twice")
        listed[name] = wanted
    require(set(listed) == set(pack) - {"SHA256SUMS"}, "SHA256SUMS lists other files than there are")
    for name, wanted in listed.items():
        require(digest(pack[name]) == wanted, f"{name} does not have the digest that SHA256SUMS names")


def some(value):
    return value != "" and at_most(2000)(value)


MANIFEST = Only({
    "packVersion": lambda value: type(value) is int, "createdAt": at,
    "scope": By("kind", {
        "everything": Only(kind=some), "promotion": Only(kind=some, promotion=PROMOTION), "model": Only(kind=some, model=some),
        "time": Only({"kind": some, "from": at, "to": at}), "since": Only(kind=some, size=count, root=DIGEST),
    }),
    "log": Only(origin=some, size=count, root=DIGEST), "records": count, "recordsLeftOut": count, "promotions": [PROMOTION],
    "installationRecords": [count], "keyRecords": [count], "passkeyRecords": [count], "delegationRecords": [count],
    "documentsLeftOut": [Only(sha256=DIGEST, name=some, why=some)],
    "personalRecordsLeftOut?": [Only(index=count, type=some, leafHash=DIGEST)],
})


def check_manifest(manifest):
    place = misfit(manifest, MANIFEST)
    require(place is None, f"manifest.json is not in its form ({place})")


def check_keys(pack):
    """What lies in keys/ are the keys that the log published, each by itself, and nothing else."""
    lines = pack.files["keys/checkpoint.vkey"].decode("ascii")
    require(lines.endswith("\n") and "\n\n" not in lines, "keys/checkpoint.vkey holds something else than keys")
    require(all(map(verifier_key, lines[:-1].split("\n"))), "keys/checkpoint.vkey holds something else than keys")
    for role, brought in (
        ("checkpoint", [line + "\n" for line in lines[:-1].split("\n")]),
        ("attestation", [data.decode("ascii") for name, data in pack.files.items() if re.fullmatch("keys/attestation(-[0-9a-f]{64})?[.]pem", name)]),
    ):
        published = {key["key"] for key in pack.keys if key["role"] == role}
        require(published, f"the log does not name its {role} keys")
        require(set(brought) <= published, f"the pack brings a key ({role}) that was never published")
        require(set(brought) == published, f"the pack does not bring a key ({role}) that was published")
    for name, data in pack.files.items():
        named = re.fullmatch("keys/attestation-([0-9a-f]{64})[.]pem", name)
        require(named is None or digest(data) == named[1], f"{name} is another key than it is named for")
    pem = pack.files["keys/checkpoint.pem"]
    public = serialization.load_pem_public_key(pem)
    require(public.public_bytes_raw() == verifier_key(lines.split("\n")[0])[1], "keys/checkpoint.pem is another key")
    spelled = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    require(spelled == pem, "keys/checkpoint.pem holds something else than its key")


def check_names(pack, promotions, leaves, entries):
    """No file belongs to nothing, and what everybody finds in a pack is there."""
    whole = pack.manifest["scope"]["kind"] == "everything" and not pack.without
    since, size = pack.manifest["scope"]["kind"] == "since", pack.manifest["log"]["size"]
    tables = ("records", "promotions", "sign-offs")
    wanted = {
        "README.txt", "verify.sh", "SHA256SUMS", "manifest.json", "keys/checkpoint.vkey", "keys/checkpoint.pem", "log/checkpoint",
        *(f"{each}.csv" for each in tables), *(f"parquet/{each}/{each}.parquet" for each in tables),
        *(f"records/{index}.json" for index in pack.records), *(f"report/{each}.html" for each in promotions),
        *(f"blobs/sha256/{each['sha256']}" for record in pack.records.values() for each in record["attachments"] if each["sha256"] not in pack.left_out),
        *(path for each in promotions.values() for path in each.statements),
    }
    if not whole:
        wanted |= {f"proofs/{index}.tlog-proof" for index in pack.records}
    if since:
        wanted |= {"proofs/since.add-checkpoint"}
    else:
        wanted |= {path for level in range(8) for path in tiles_of(level, size >> 8 * level)}
    if whole:
        wanted |= {entries_path(index, min(256, size - 256 * index)) for index in range(-(-size // 256))}
    missing = sorted(wanted - set(pack.files))
    require(not missing, f"{(missing or [''])[0]} is missing")
    for name in sorted(set(pack.files) - wanted):
        if re.fullmatch("keys/attestation(-[0-9a-f]{64})?[.]pem", name) or whole and re.fullmatch("log/checkpoints/[0-9]+", name):
            continue
        require(whole and is_beginning(name, pack.files[name], leaves, entries), f"{name} belongs to no record of the pack")


def tiles_of(level, count):
    return [tile_path(level, index, min(256, count - 256 * index)) for index in range(-(-count // 256))]


def is_beginning(name, data, leaves, entries):
    """Whether it is a tile of a smaller log, as it was before it was full."""
    found = re.fullmatch("log/tile/(entries|[0-7])/((?:x[0-9]{3}/)*[0-9]{3})[.]p/([1-9][0-9]{0,2})", name)
    if found is None:
        return False
    index, width = int(found[2].replace("x", "").replace("/", "")), int(found[3])
    path = entries_path if found[1] == "entries" else lambda *rest: tile_path(int(found[1]), *rest)
    if width > 255 or path(index, width) != name:
        return False
    if found[1] == "entries":
        own = entries[256 * index : 256 * index + width]
        return len(own) == width and b"".join(len(each).to_bytes(2, "big") + each for each in own) == data
    own = hashes_at(leaves, int(found[1]))[256 * index : 256 * index + width]
    return len(own) == width and b"".join(own) == data
