"""Words and encodings of docs/format.md."""

import base64
import hashlib
import json
import math
import re
import unicodedata
from datetime import datetime, timedelta, timezone


class Wrong(Exception):
    """Something does not hold, in a sentence."""


def require(holds, sentence):
    if not holds:
        raise Wrong(sentence)


def say(text):
    """A line and no more: what a pack says in it neither moves the cursor, nor ends it, nor turns the direction of writing."""
    print("".join(" " if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") else each for each in text))


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


P25519 = 2**255 - 19
SMALL_ORDER = {
    0, 1, P25519 - 1, 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
}


def of_large_order(point):
    """Whether a key of Ed25519, or the first half of a signature, is below the prime and of large order."""
    y = int.from_bytes(point, "little") & ~(1 << 255)
    return len(point) == 32 and y < P25519 and y not in SMALL_ORDER


def digest(data):
    return sha256(data).hex()


def b64(text):
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text, "base64 in another spelling than the one")
    return data


def b64url(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(to_b64url(data) == text, "base64url in another spelling than the one")
    return data


def to_b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


DEEPEST = 64


def require_shallow(text):
    depth = 0
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    for mark in re.findall(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]', text, re.DOTALL):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark, 0)
        require(depth <= DEEPEST, "JSON that is nested too deeply")


def no_number(name):
    raise Wrong(f"a number that JSON does not have: {name}")


def parse(data):
    def members(pairs):
        require(len({name for name, _ in pairs}) == len(pairs), "JSON with a member twice")
        return dict(pairs)

    def finite(digits):
        require(math.isfinite(float(digits)), "JSON with a number beyond all that are told apart")
        return float(digits)

    def whole(digits):
        finite(digits)
        return int(digits)

    # A byte order mark before what others wrote is none of it.
    text = data.decode("utf-8-sig")
    require_shallow(text)
    value = json.loads(text, object_pairs_hook=members, parse_constant=no_number, parse_float=finite, parse_int=whole)
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise Wrong("JSON with half of a surrogate pair") from None
    return value


def number(value):
    """ECMAScript's Number::toString, which RFC 8785 asks for."""
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    # A larger one that no double is would be another number to whoever reads it as ECMAScript does.
    value = float(value)
    if value == 0:
        return "0"
    sign, digits = ("-", repr(-value)) if value < 0 else ("", repr(value))
    mantissa, _, exponent = digits.partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    figures = whole + fraction
    stripped = figures.lstrip("0")
    point -= len(figures) - len(stripped)
    figures = stripped.rstrip("0")
    if len(figures) <= point <= 21:
        return sign + figures.ljust(point, "0")
    if 0 < point <= 21:
        return sign + figures[:point] + "." + figures[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + figures
    tail = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
    return f"{sign}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"


def canonical_bytes(value):
    return canonical(value).encode("utf-8")


def read_canonical(data):
    value = parse(data)
    require(canonical_bytes(value) == data, "JSON that is not canonical")
    return value


INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


def instant(text):
    require(INSTANT.fullmatch(text) is not None and text >= "1970", "a time in another spelling than the one, or before 1970")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


FIRST, LAST = datetime(1970, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=timezone.utc)


def later(text, seconds):
    """So many seconds later, or earlier; no further than there are instants."""
    at = instant(text)
    left = (LAST - at if seconds > 0 else at - FIRST).total_seconds()
    return at + timedelta(seconds=seconds) if abs(seconds) <= left else LAST if seconds > 0 else FIRST


def unix(text):
    return instant(text).timestamp()


def identity(value):
    return (value["issuer"], value["subject"])


def plain(value):
    """An identity as statements have it, whatever else its record says of it."""
    return {"issuer": value["issuer"], "subject": value["subject"]}


def require_known(version, what, newest=1):
    """A later version is no finding, and nothing that rests on it has passed."""
    require(type(version) is not int or version <= newest, f"NOT CHECKED: {what} is of version {version}, which is later than this verifier")
