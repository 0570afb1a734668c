import { describe, expect, it } from "vitest";
import type { ReportInput } from "../../../../core/archive/reports/promotion-report.ts";
import type { SignedStatement } from "../../../../core/archive/reports/report-decisions.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { attached, frozen, judged, recordOf, request, rowsOf } from "./report-rows.ts";

const issuer = "https://login.example";
const noon = "2026-11-23 12:00:00";
const verdict = recordOf("verdict", { body: { result: "PASSED" }, attachments: [attached("verdict.dsse.json")] });
const started = recordOf("deployment-started");
const signOff = recordOf("sign-off", {
  body: { signOff: digestOf("s"), reviewer: { issuer, subject: "sub-sam" }, signIn: { amr: ["pwd", "otp"] } },
});
const envelope = { payloadType: "p", payload: "", signatures: [] } as unknown as SignedStatement["envelope"];
const statement = (index: number, over: object = {}): SignedStatement => ({
  ...{ index, envelope, name: "Sam" },
  predicate: {
    ...{ reviewer: { issuer, subject: "sub-sam" }, result: "approve", reason: "Fine.", roles: ["sre"] },
    ...{ shown: { sha256: "d".repeat(64) }, requirements: { sha256: "e".repeat(64) } },
    ...over,
  },
});

const rows = (records: readonly LedgerRecord[], over: Partial<ReportInput> = {}) => rowsOf(records, over, 2);
const row = async (title: string, ...records: readonly LedgerRecord[]) =>
  (await rows(records)).filter((each) => each.startsWith(`|${title}|`));
const verdicts = async (...records: readonly LedgerRecord[]) => {
  const all = await rows(records);
  const begin = all.indexOf("|The verdicts|");
  return begin === -1 ? [] : all.slice(begin + 4, all.indexOf("|", begin + 4));
};

describe("a verdict in reports of version 2", () => {
  const digest = digestOf("verdict.dsse.json");

  it("is told with its moment and zone, and stands where nothing took it away", async () => {
    expect(await row("Verdict", request, verdict, started)).toEqual([`|Verdict|PASSED, ${noon} UTC, ledger entry 1.|`]);
    expect(await verdicts(request, verdict, started)).toEqual([`|1|${noon}|PASSED|It stands.|${digest}|`]);
    expect(await row("Verdict", request)).toEqual(["|Verdict|None was signed.|"]);
    expect(await verdicts(request)).toEqual([]);
  });

  const held = recordOf("held", { body: { window: "year's end", until: "2027-01-02T00:00:00.000Z" } });
  const anew = recordOf("seat-reopened", { body: { from: "a", to: "b", fallen: [] } });
  const shadow = recordOf("seat-reopened", { body: { from: "a", to: "a", fallen: [] } });
  const fallen = [{ signOff: digestOf("s"), why: "no longer holds the role" }];
  it.each<[string, LedgerRecord, string]>([
    [
      "a freeze window",
      held,
      "the freeze window 'year's end' held it until 2027-01-02 00:00:00 UTC, and what was signed had to be verified again after that",
    ],
    ["other requirements", anew, "the requirements changed, and the promotion went back to its gates"],
    ["a review anew under the same", shadow, "the promotion went back to its gates"],
    ["a seat that fell", recordOf("seat-reopened", { body: { fallen } }), "a signature that it rested on fell"],
    [
      "a release that broke its conditions",
      recordOf("seat-reopened", { body: { breach: {}, fallen: [] } }),
      "its release was taken back",
    ],
  ])("that %s took away is none of a promotion that was rejected then", async (_, taken, why) => {
    const told = [request, signOff, verdict, taken, recordOf("rejected")];
    expect(await row("Verdict", ...told)).toEqual([
      `|Verdict|None stands: the last was taken away ${noon} UTC (ledger entry 3), since ${why}.|`,
    ]);
    const [only, ...others] = await verdicts(...told);
    expect(only).toContain(`|2|${noon}|PASSED|Taken away ${noon} UTC (ledger entry 3), since ${why}.`);
    expect(others).toEqual([]);
    expect(await rows(told)).toContain(`|2|${noon}|verdict, taken away later (3)|A verdict.|`);
  });

  it("is taken away once, and says by what first", async () => {
    const [only] = await verdicts(request, verdict, held, anew);
    expect(only).toContain(
      "|Taken away 2026-11-23 12:00:00 UTC (ledger entry 2), since the freeze window 'year's end'",
    );
  });

  it("says who signed what fell, and why it fell", async () => {
    const more = [...fallen, { signOff: digestOf("other"), why: "was revoked" }];
    const fell = recordOf("seat-reopened", { body: { fallen: more } });
    const other = { ...signOff, body: { signOff: digestOf("other"), reviewer: { issuer, subject: "sub-ada" } } };
    const all = await rows([request, signOff, other, verdict, fell], {
      signed: [statement(1)],
      names: new Map([[1, "Sam"]]),
    });
    expect(all.join("\n")).toContain(
      "since a signature that it rested on fell. Sam (sub-sam) no longer holds the role. sub-ada was revoked.|",
    );
  });

  it("is known by the digest of its own document among others", async () => {
    const attachments = [attached("other.json"), attached("verdict.dsse.json")];
    expect(await verdicts(request, { ...verdict, attachments })).toEqual([`|1|${noon}|PASSED|It stands.|${digest}|`]);
  });

  it("stands beside those before it, each of which says what became of it", async () => {
    const again = recordOf("verdict", { body: { result: "PASSED" } });
    const told = [request, verdict, held, again, verdict, started];
    expect(await row("Verdict", ...told)).toEqual([`|Verdict|PASSED, ${noon} UTC, ledger entry 4.|`]);
    expect(await verdicts(...told)).toEqual([
      expect.stringContaining("Taken away"),
      `|3|${noon}|PASSED|Taken away ${noon} UTC (ledger entry 4), since everything was verified again.|`,
      `|4|${noon}|PASSED|It stands.|${digest}|`,
    ]);
  });

  it("is taken away by nothing that leaves it: another wait, what is kept of a review, a freeze while it is lent", async () => {
    const kept = recordOf("seat-reopened", { body: { review: 1, kept: [], fallen: [] } });
    expect(await verdicts(request, verdict, recordOf("held"), kept)).toEqual([expect.stringContaining("|It stands.|")]);
    expect(await verdicts(request, recordOf("loan"), verdict, held)).toEqual([expect.stringContaining("|It stands.|")]);
    const [gone] = await verdicts(request, recordOf("loan"), recordOf("loan-ended"), verdict, held);
    expect(gone).toContain("Taken away");
  });

  it("says that nothing was begun under it, or what came of that", async () => {
    const end = `Superseded ${noon} UTC (ledger entry 2).`;
    expect(await row("Verdict", request, verdict, recordOf("superseded"))).toEqual([
      `|Verdict|PASSED, ${noon} UTC, ledger entry 1. Nothing was begun under it: ${end}|`,
    ]);
    expect(await verdicts(request, verdict, started, recordOf("rolled-back"))).toEqual([
      `|1|${noon}|PASSED|It stands. What was begun under it: Rolled back ${noon} UTC (ledger entry 3).|${digest}|`,
    ]);
    const back = recordOf("seat-reopened", { body: { breach: {}, fallen: [] } });
    expect((await verdicts(request, verdict, started, back, verdict, recordOf("withdrawn"))).at(-1)).toContain(
      "|It stands. Nothing was begun under it: Withdrawn",
    );
    const failed = recordOf("verdict", { body: { result: "FAILED" } });
    expect(await verdicts(request, failed, recordOf("blocked"))).toEqual([`|1|${noon}|FAILED|It stands.|`]);
  });

  it("of a loan is over with the loan, and says so", async () => {
    const ofLoan = recordOf("verdict", { body: { result: "PASSED", loan: true } });
    const lent = [request, recordOf("loan"), ofLoan, started];
    expect(await row("Verdict", ...lent)).toEqual([`|Verdict|PASSED of a loan, ${noon} UTC, ledger entry 2.|`]);
    expect(await row("Verdict", ...lent, recordOf("loan-ended"))).toEqual([
      `|Verdict|None stands: the last was taken away ${noon} UTC (ledger entry 4), since the loan was over.|`,
    ]);
    expect(await row("Verdict", ...lent, verdict)).toEqual([`|Verdict|PASSED, ${noon} UTC, ledger entry 4.|`]);
    expect(await row("Verdict", request, verdict, ofLoan)).toEqual([`|Verdict|PASSED, ${noon} UTC, ledger entry 1.|`]);
    const ratified = [...lent, verdict, recordOf("loan-ratified")];
    expect(await row("Verdict", ...ratified)).toEqual([`|Verdict|PASSED, ${noon} UTC, ledger entry 4.|`]);
    expect((await verdicts(...ratified))[0]).toContain("since the loan was ratified, on a verdict of its own.");
  });

  it("that was signed within a freeze window says by which exception", async () => {
    const exception = { window: "year's end", reason: "The law changes on Monday." };
    const excepted = recordOf("verdict", { body: { result: "PASSED", exception } });
    expect(await verdicts(request, excepted)).toEqual([
      `|1|${noon}|PASSED|Signed within the freeze window 'year's end', by an exception ('The law changes on Monday.'). It stands.|`,
    ]);
  });
});

describe("people in reports of version 2", () => {
  const noor = { issuer, subject: "sub-noor" };
  const asked = recordOf("loan-requested", {
    body: { lender: noor, role: "sre", seconds: 3600, incident: "INC-1", reason: "Nothing answers." },
  });
  const loan = recordOf("loan", {
    body: {
      lenders: [
        { role: "sre", person: noor },
        { role: "lead", person: { issuer, subject: "sub-kofi" } },
      ],
      ...{ until: "2026-11-23T16:00:00.000Z", incident: "INC-1" },
    },
  });
  const told = [request, asked, { ...asked, body: { ...asked.body, confirms: digestOf("c") } }, loan];
  const yaml = ["peopleVersion: 1", "people:", "  - name: Kofi", "    identities:"];
  const people = [...yaml, `      - { issuer: "${issuer}", subject: sub-kofi }`, "    outside: true"].join("\n");

  it("are named where they lent, by their tokens or by people.yaml, with their subject", async () => {
    const linked = recordOf("gates", { attachments: [attached("gate-report.json"), attached("people.yaml")] });
    const all = await rows([...told, linked, recordOf("loan-ended")], {
      names: new Map([[1, "Noor"]]),
      readText: async () => people,
    });
    const begin = all.indexOf("|The loan|");
    expect(all.slice(begin + 4, begin + 8)).toEqual([
      `|1|${noon}|asked for (1h)|Noor (sub-noor) as sre|'INC-1': Nothing answers.|`,
      `|2|${noon}|confirmed (1h)|Noor (sub-noor) as sre|'INC-1': Nothing answers.|`,
      `|3|${noon}|lent until 2026-11-23 16:00:00 UTC|Noor (sub-noor) as sre and Kofi (sub-kofi) as lead|'INC-1'|`,
      `|5|${noon}|over|`,
    ]);
    expect(all).toContain("|Break-glass|It was lent, without everybody's approval: see the loan below.|");
  });

  it("are told by subject where tokens and people.yaml were left out", async () => {
    const all = await rows(told, { readText: async () => undefined });
    expect(all).toContain(
      `|3|${noon}|lent until 2026-11-23 16:00:00 UTC|sub-noor as sre and sub-kofi as lead|'INC-1'|`,
    );
    expect(await row("Break-glass", request)).toEqual(["|Break-glass|Nobody asked for a loan.|"]);
    expect(await row("Break-glass", request, asked)).toEqual([
      "|Break-glass|A loan was asked for (1), and none was made.|",
    ]);
  });

  it("are named where another signed in their place, and where what they signed before was kept", async () => {
    const kept = recordOf("sign-off-kept", {
      body: { reviewer: noor, result: "approve", signOff: digestOf("k"), from: "p-before", kept: { roles: ["sre"] } },
    });
    const delegated = statement(2, { onBehalfOf: { person: noor } });
    const all = (await rows([request, kept, signOff], { signed: [delegated], names: new Map([[1, "Noor"]]) })).join(
      "\n",
    );
    expect(all).toContain("|Sam (sub-sam), in the place of Noor (sub-noor)|");
    expect(all).toContain("|approve (kept)|none (as sre)|Noor (sub-noor)|Kept of p-before.|");
  });

  it("are told with what they asked and answered", async () => {
    const question = recordOf("question", { body: { by: noor, text: "Who is on call?" } });
    const answer = recordOf("answer", { body: { by: { issuer, subject: "sub-kofi" }, text: "Nobody." } });
    const all = await rows([request, asked, question, answer], { names: new Map([[1, "Noor"]]) });
    expect(all).toContain(`|2|${noon}|question|Noor (sub-noor)|Who is on call?|`);
    expect(all).toContain(`|3|${noon}|answer|sub-kofi|Nobody.|`);
    expect(await rows([request])).not.toContain("|Questions and answers|");
  });
});

describe("signatures in reports of version 2", () => {
  it("are told with what was shown, under which requirements, and how they were given: together where it is the same", async () => {
    const byPasskey = recordOf("sign-off", { body: { passkey: { id: digestOf("p"), counter: 1 } } });
    const all = await rows([request, signOff, signOff, byPasskey, verdict], {
      signed: [statement(1), statement(2), statement(3), { index: 4, envelope, predicate: { verifier: {} } }],
    });
    const begin = all.indexOf("|What the signatures rest on|");
    const ground = `|${"d".repeat(64)}|${"e".repeat(64)}|`;
    expect(all.slice(begin + 4, begin + 7)).toEqual([
      `|1, 2|Sign-in (pwd, otp) at ${issuer}${ground}`,
      `|3|Passkey at ${issuer}${ground}`,
      "|",
    ]);
    expect(all.filter((each) => each.startsWith("|Shown to signers|"))).toEqual([]);
  });
});

describe("a report of version 2", () => {
  it.each<[string, readonly LedgerRecord[], string]>([
    ["before its review", [judged], "Not decided."],
    ["in its review", [recordOf("stage-opened")], "In review, not decided. Ledger entry 2."],
    [
      "held by a freeze window",
      [recordOf("held", { body: { window: "year's end", until: "2027-01-02T00:00:00.000Z" } })],
      "Approved; the freeze window 'year's end' held it until 2027-01-02 00:00:00 UTC. Ledger entry 2.",
    ],
    ["waiting", [recordOf("held")], "Approved; its deployment waits for something else. Ledger entry 2."],
    ["verified", [verdict], "Approved and verified; its deployment was not begun. Ledger entry 2."],
    [
      "on its way",
      [verdict, started],
      `Approved; what follows was begun ${noon} UTC, and nothing is told of its end. Ledger entry 3.`,
    ],
    ["rejected", [recordOf("rejected")], `Rejected ${noon} (UTC). Ledger entry 2.`],
  ])("says at its head where it stands: %s", async (_, records, text) => {
    expect(await rows([request, frozen, ...records])).toContain(`|${text}|`);
  });

  it("says the zone of every moment within a sentence, and what it does not say", async () => {
    const due = recordOf("request", { body: { expiresAt: "2026-12-03T09:04:17.000Z" } });
    const all = await rows([due, started, recordOf("deployed")]);
    expect(all).toContain("|To be decided before|2026-12-03 09:04:17 UTC|");
    expect(all.join("\n")).toContain(`It served from ${noon} UTC on; its deployment was started at ${noon} UTC.`);
    expect(all).toContain(
      "|What |countersign verify| could not check it says at its end; this page cannot. This is version 2 of the page.|",
    );
  });
});
