"""The life of one promotion, told again from its records: docs/format.md."""

import re

from aftermath import ENDED, check_intruders
from anew import Anew
from deciding import Deciding
from encoding import instant, later, require
from history import History
from judging import Judging
from loan import lender, ran_longer
from passports import check_passports
from people import named_people
from served import check_id
from signed import Signed
from times import Times
from windows import said_in

TOLERANCE = 5


class Promotion(Signed, Judging, History, Deciding, Times, Anew):
    """The life of one promotion, told again from its records."""

    def __init__(self, pack, name, records):
        self.pack, self.name, self.records = pack, name, records
        self.status, self.counted, self.lenders, self.notes = None, [], [], []
        self.openings, self.once, self.beside_nothing, self.life = [], set(), None, []
        self.authors_untold = False
        self.statements = []
        self.state = {"review": 1, "settled": {}, "invalidated": set(), "stage": None, "gates": {}, "judged": {}, "kept": {}, "keptWrongly": {}}
        self.state["openings"] = self.openings

    def verify(self):
        others = []
        expected = 0
        for index, record in self.records:
            require(record["id"].startswith(f"{self.name}/"), f"'{record['id']}' is no record of {self.name}")
            if re.fullmatch(re.escape(self.name) + "/[0-9]+", record["id"]):
                require(record["id"] == f"{self.name}/{expected}", f"'{record['id']}' stands where '{self.name}/{expected}' belongs")
                expected += 1
                require(expected <= 5000, f"{self.name} has more than 5000 records, which no promotion can have")
            else:
                others.append((index, record))
        self.before = self.ended_at = None
        self.latest = ""
        # Sign-offs stand among the history; what they say is held against the review that they name.
        history = [each for each in self.records if each not in others]
        self.judge_gates(history)
        self.named = named_people(pack=self.pack, history=history)
        for index, record in others:
            if record["type"] == "sign-off":
                self.counted.append(self.sign_off(index, record))
            elif record["type"] == "sign-off-kept":
                self.counted += self.kept_sign_off(index, record)
            elif record["type"] == "loan-requested":
                gates = self.state["gates"].get(record["body"]["review"])
                require(gates is not None, "a loan names a review that never was")
                each = lender(self.pack, self.name, index, record, gates, self.state["frozen"])
                self.notes += ["an ID token was left out"] if each["tokenLeftOut"] else []
                self.lenders.append(each)
        self.own = [each for each in self.counted if "kept" not in each]
        for _, record in others:
            check_id(self.name, record)
        life = self.life
        for index, record in history:
            self.step(index, record)
            if self.ended_at is None and self.status in ENDED:
                self.ended_at = record["at"]
            life.append((record, self.status))
        check_passports(self.pack, others, life)
        for _, record in others:
            if record["type"] == "drift":
                before = [(each["type"], status) for each, status in life if instant(each["at"]) <= later(record["at"], TOLERANCE)]
                told = any(kind == "drift" for kind, _ in before) or (before and before[-1][1] in ENDED)
                require(told, "drift is told beside the history of what was not restricted for it")
            if record["type"] == "outcome":
                begun = [each for each, _ in life if each["type"] == "deployment-started"]
                ran = any(instant(each["at"]) <= later(record["at"], TOLERANCE) for each in begun)
                require(ran, "what became of a candidate is told, and it had not begun to be deployed")
            if record["type"] in ("plan-reported", "deployment-reported"):
                self.check_asked(record)
        self.life = life
        verdicts = [self.state[name] for name in ("verdict", "loanVerdict") if name in self.state]
        check_intruders(self.pack, others, [each["digest"] for each in verdicts if each["result"] == "PASSED"], life, self.state.get("freeze"))
        self.check_times()
        self.check_order()
        self.check_rested()
        self.check_stopped()
        self.check_statements()
        self.notes += ran_longer(self)
        if self.pack.manifest["packVersion"] == 1 and self.shown_though_gone():
            self.notes.append("its report is of version 1, and shows a verdict that was taken away again")
        if self.status in ("withdrawn", "blocked", "failed") and self.openings:
            self.notes.append("that nobody had rejected it by then is told by nothing: a rejection that is left out leaves no gap")
        return f"{self.name}: PASSED, {self.status}, {len(self.counted)} sign-offs" + "".join(f"; {note}" for note in self.notes)

    def shown_though_gone(self):
        """Whether the last verdict is PASSED and was taken away again, which reports of version 1 do not say."""
        passed, lent = None, False
        for record, _ in self.life:
            kind, body = record["type"], record["body"]
            over = kind in ("loan-ended", "loan-ratified")
            lent = (lent or kind == "loan") and not over
            if kind == "verdict":
                passed, gone = body, False
            elif passed is not None:
                back = kind == "seat-reopened" and "kept" not in body or kind == "held" and "until" in body and not lent
                gone = gone or (over if passed.get("loan") else back)
        return passed is not None and passed["result"] == "PASSED" and gone

    def windowed(self):
        """The records that say something of freeze windows, and what; by none a change of the policies is held up."""
        if self.of_what() is None:
            return
        lent = {record["id"]: before == "loaned" for (record, _), before in zip(self.life, [None, *(status for _, status in self.life)])}
        for index, record in self.records:
            said = said_in(record, lent.get(record["id"], False))
            if said is not None:
                yield index, record, said

    def of_what(self):
        """The names of model and target, as windows have them; None of a change of the policies."""
        freeze, asked = self.state.get("freeze"), self.state["request"]
        if freeze is None:
            return None if asked["model"]["type"] == "policy" else (asked["model"]["name"], asked["target"])
        return None if freeze["target"]["kind"] == "policy" else (freeze["model"]["name"], freeze["target"]["name"])
