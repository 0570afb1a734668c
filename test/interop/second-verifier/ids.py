"""Under which id a record of each type stands: the tables of docs/format.md. Under another, nobody would verify what it tells."""

import re

from encoding import require

NUMBER, DIGEST = "(?:0|[1-9][0-9]*)", "[0-9a-f]{64}"
LETTERS = ("queued", "sent", "refused", "delivered", "bounced", "complained")

# Behind the promotion that the record names.
OF_PROMOTION = {
    "request": "0", "drift": f"{NUMBER}|drift/[^/]+/[^/]+",
    "sign-off": f"sign-off/{DIGEST}", "sign-off-kept": f"sign-off-kept/{NUMBER}/{DIGEST}", "loan-requested": f"loan/{DIGEST}",
    **{f"notification-{each}": rf"(?!{NUMBER}\Z).+" for each in LETTERS},
    "notification-redriven": "redriven/.+", "notification-discarded": "discarded/.+",
    "escalated": f"escalated/{NUMBER}/{NUMBER}/{NUMBER}", "link-opened": "link-opened/.+", "outcome": "outcome/[^/]+/.+",
    "question": "question/[^/]+", "answer": "question/[^/]+/answer",
    "export-requested": "export-requested/.+", "export": "export/.+",
    "intruder-found": f"intruder/.+/{NUMBER}", "intruder-gone": f"intruder/.+/{NUMBER}/gone",
    "take-back": f"intruder/.+/{NUMBER}/take-back(/failed)?",
    "passport-issued": f"passport-issued/{NUMBER}", "passport-redeemed": "passport-redeemed/.+",
    "deployment-reported": "deployment-reported", "plan-reported": f"plan-reported/{DIGEST}",
}
OF_PROMOTION.update(dict.fromkeys((
    "freeze", "gates", "blocked", "policy-proposed", "policy-activated", "supersedes", "stage-opened", "stage-decided", "rejected",
    "seat-reopened", "loan", "loan-refused", "loan-running", "loan-ratified", "loan-ended", "loan-review-opened", "loan-taken-back", "held",
    "verdict", "staged", "shadow-run", "deployment-started", "traffic-shifted", "deployed", "rolled-back", "rollback", "expired",
    "withdrawn", "failed", "clean-up", "superseded", "remedy",
), NUMBER))

# Of a record that names none, the whole of it.
OF_INSTALLATION = {
    **{f"notification-{each}": "installation/.+" for each in LETTERS},
    "notification-redriven": "installation/redriven/.+", "notification-discarded": "installation/discarded/.+",
    "export-requested": "installation/export-requested/.+", "export": "installation/export/.+",
    "intruder-found": f"installation/intruder/.*/.+/{NUMBER}", "intruder-gone": f"installation/intruder/.*/.+/{NUMBER}/gone",
    "take-back": f"installation/intruder/.*/.+/{NUMBER}/take-back(/failed)?",
    "installation": f"installation/settings/{NUMBER}", "key": f"installation/key/[a-z]+/{NUMBER}/[a-z]+",
    "policy-activated": f"installation/policy/{NUMBER}",
    "delegated": f"delegation/{DIGEST}/delegate", "delegation-revoked": f"delegation/{DIGEST}/revoke",
    "passkey-enrolled": f"passkey/{DIGEST}/enrol", "passkey-confirmed": f"passkey/{DIGEST}/confirm", "passkey-revoked": f"passkey/{DIGEST}/revoke",
}


def check_record_id(record):
    own, kind, promotion = record["id"], record["type"], record.get("promotion")
    later = kind not in OF_PROMOTION and kind not in OF_INSTALLATION and re.fullmatch("[a-z][a-z-]{0,60}", kind) is not None
    require(not later, f"NOT CHECKED: {own} is of the type '{kind}', which is later than this verifier")
    if promotion is None:
        form, rest = OF_INSTALLATION.get(kind), own
    else:
        require(own.startswith(f"{promotion}/"), f"'{own}' is no record of {promotion}")
        form, rest = OF_PROMOTION.get(kind), own[len(promotion) + 1:]
    require(form is not None and re.fullmatch(form, rest, re.DOTALL) is not None, f"'{own}' is no id of a record of the type '{kind}'")
