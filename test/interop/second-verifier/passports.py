"""Passports that a promotion's pipeline was given: docs/format.md."""

from encoding import instant, later, parse, require

TOLERANCE = 5
VERDICT = 3600
MOST = 5


def check_passports(pack, others, life):
    """`life`: each record of the history, and the status after it."""
    target = next((parse(pack.document(record, "freeze.json"))["target"] for record, _ in life if record["type"] == "freeze"), {})
    issued = sorted((record for _, record in others if record["type"] == "passport-issued"), key=lambda record: record["at"])
    reported = [record["at"] for _, record in others if record["type"] == "deployment-reported"]
    for place, record in enumerate(issued):
        body, at = record["body"], record["at"]
        require(body["passport"] == record["id"].replace("/passport-issued/", "."), "a passport goes by another number than its record")
        begun = begun_before(life, at)
        require(begun is not None, "a passport was issued before there was anything to deploy")
        require(body["verdict"] == life[begun][0]["body"]["verdict"], "a passport names another verdict")
        require(target.get("kind") == "pipeline" and body["audience"] in target["audiences"], "a passport is for nobody that the target names")
        require(instant(body["expiresAt"]) == later(at, 300), "a passport is good for longer than five minutes")
        require(deploys(life, at) and not any(over(each, at) for each in reported), "a passport was issued when nothing was to be deployed")
        verdict = next(each["at"] for each, _ in reversed(life[:begun]) if each["type"] == "verdict")
        require(instant(at) < later(verdict, VERDICT + TOLERANCE), "a passport was issued under a verdict that was over")
        require(place < MOST, "more passports were issued than there may be")
        require(place == 0 or instant(at) >= instant(issued[place - 1]["body"]["expiresAt"]), "a passport was issued while another was good")
    known = {record["body"]["passport"]: record for record in issued}
    for _, record in others:
        if record["type"] != "passport-redeemed":
            continue
        body, at = record["body"], record["at"]
        require(body["passport"] in known, "a passport was redeemed that was not issued")
        given = known[body["passport"]]
        require(body["audience"] == given["body"]["audience"], "a passport was redeemed by another than it was issued for")
        good = instant(given["at"]) <= later(at, TOLERANCE) and instant(at) < later(given["body"]["expiresAt"], TOLERANCE)
        require(good and deploys(life, at), "a passport was redeemed when it was not good")


def begun_before(life, at):
    """The place of the beginning of what is deployed at an instant, or was last."""
    begun = [place for place, (record, _) in enumerate(life) if record["type"] == "deployment-started" and instant(record["at"]) <= later(at, TOLERANCE)]
    return begun[-1] if begun else None


def deploys(life, at):
    begun = begun_before(life, at)
    ended = [] if begun is None else [record["at"] for record, status in life[begun:] if status != "deploying"]
    return begun is not None and not (ended and over(ended[0], at))


def over(end, at):
    return instant(at) >= later(end, TOLERANCE)
