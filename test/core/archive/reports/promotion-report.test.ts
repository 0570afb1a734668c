import { describe, expect, it } from "vitest";
import { promotionReport, type ReportInput } from "../../../../core/archive/reports/promotion-report.ts";
import type { SignedStatement } from "../../../../core/archive/reports/report-decisions.ts";
import type { Json } from "../../../../core/encoding/canonical-json.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { digestOf, id } from "../../promotion/promotion-in-review.ts";
import {
  attached,
  documents,
  findings,
  frozen,
  judged,
  lent,
  manifest,
  recordOf,
  request,
  rowsOf,
} from "./report-rows.ts";

/** As packs of version 1 have it: what version 2 says otherwise, report-of-version-2.test.ts says. */
const rows = (records: readonly LedgerRecord[], over: Partial<ReportInput> = {}) => rowsOf(records, over, 1);

describe("the page about a promotion", () => {
  it("names who had a hand in it, where people.yaml tells who is meant", async () => {
    const linked = recordOf("gates", { attachments: [attached("gate-report.json"), attached("people.yaml")] });
    expect(await rows([request, frozen, linked])).toContain(
      "|Trained the model|Tom Trainer (tom@example.org), Tom Trainer (github account 4007)|",
    );
    const trained = "|Trained the model|tom@example.org, github account 4007|";
    expect(await rows([request, frozen, judged])).toContain(trained);
    // Left out of the pack, or nothing that can be read.
    expect(await rows([request, frozen, linked], { readText: async () => undefined })).toContain(trained);
    expect(await rows([request, frozen, linked], { readText: async () => "people: [" })).toContain(trained);
  });

  it("says at its head what stopped it, and that nobody was asked", async () => {
    const blocked = (step: string) =>
      recordOf("blocked", { body: { step }, attachments: [attached("gate-report.json")] });
    const page = await rows([request, frozen, blocked("gates")]);
    expect(page.join("\n")).toContain("|The gates stopped it:|\n|\n|Columns are personal.|");
    expect(page).toContain("|Nobody was asked to sign.|");
    const elsewhere = await rows([request, frozen, judged, recordOf("stage-opened"), blocked("deploy")]);
    expect(elsewhere.join("\n")).not.toContain("The gates stopped it");
    expect(elsewhere).toContain("|Nobody signed.|");
  });

  it("is named by the model that was frozen, else by the one that was asked for, else by its id", async () => {
    expect(await rows([request, frozen])).toContain("|credit-scoring 2.0.0 for production|");
    expect(await rows([request])).toContain("|asked 1|");
    expect(await rows([recordOf("gates")])).toContain(`|${id}|`);
    expect(await rows([request, frozen], { read: async () => undefined })).toContain("|asked 1|");
  });

  it("says what the promotion is about", async () => {
    const verdict = recordOf("verdict", { body: { result: "PASSED" }, attachments: [attached("verdict.dsse.json")] });
    const all = await rows([request, frozen, recordOf("verdict", { body: { result: "FAILED" } }), verdict]);
    const begin = all.indexOf("|The promotion|");
    expect(all.slice(begin + 2, begin + 12)).toEqual([
      "|",
      `|Promotion|${id}|`,
      `|Freeze digest|${"f".repeat(64)}|`,
      `|Requirements|${"e".repeat(64)}|`,
      "|Model type|scoring|",
      "|Target|production, scoring|",
      "|Requested by|pipeline at https://ci.example|",
      "|Source|https://git.example/credit abc|",
      "|Break-glass|Nobody asked for a loan.|",
      `|Verdict|PASSED, 2026-11-23 12:00:00, ledger entry 3, ${digestOf("verdict.dsse.json")}|`,
    ]);
  });

  it("leaves out what is not known, and names what is known alone", async () => {
    const few = { ...manifest, target: { name: "production" }, requester: {}, lineage: {} };
    const all = await rows([frozen, recordOf("verdict", { body: { result: "PASSED" } })], { read: async () => few });
    expect(all).toContain("|Target|production|");
    expect(all).toContain("|Verdict|PASSED, 2026-11-23 12:00:00, ledger entry 1|");
    for (const title of ["Requested by", "Source", "Freeze digest", "Requirements"])
      expect(all.filter((row) => row.startsWith(`|${title}|`))).toEqual([]);
  });

  it("has the gates that measured something or did not pass, and the others by name", async () => {
    const all = await rows([request, judged]);
    const begin = all.indexOf("|The gates|");
    expect(all.slice(begin + 2, begin + 7)).toEqual([
      "|Rule|Status|Finding|",
      "|",
      "|quality.auc|passed|AUC is 0.8.|",
      "|data.pii|failed|Columns are personal.|",
      "|2 others|passed|artifact.model, evidence.bias|",
    ]);
    const measured = { findings: findings.slice(0, 1) };
    expect((await rows([judged], { read: async () => measured })).join("")).not.toContain("others|passed");
    expect(await rows([request])).not.toContain("|The gates|");
  });

  it("takes the newest document of a name", async () => {
    const older = recordOf("freeze", { attachments: [{ ...attached("freeze.json"), sha256: digestOf("older") }] });
    expect(await rows([older, frozen])).toContain("|credit-scoring 2.0.0 for production|");
  });

  it("has the files that run, and the evidence", async () => {
    const all = await rows([frozen]);
    expect(all).toContain("|File|Role|SHA-256|");
    expect(all).toContain(`|model.json|model|${"a".repeat(64)}|`);
    expect(all).toContain("|File|Kind|SHA-256|");
    expect(all).toContain(`|bias.json|bias|${"b".repeat(64)}|`);
  });

  it("says who had a hand in it, as the pipeline and the CI system knew them", async () => {
    const started = recordOf("request", { body: { startedBy: { account: { provider: "gitlab", id: "8" } } } });
    const all = await rows([started, frozen]);
    const begin = all.indexOf("|Who had a hand in it|");
    expect(all.slice(begin + 3, begin + 6)).toEqual([
      "|Started the run|gitlab account 8|",
      "|Trained the model|tom@example.org, github account 4007|",
      "|Wrote the code|sub-ada|",
    ]);
    expect(await rows([request])).not.toContain("|Who had a hand in it|");
  });

  it("has the model and the image of each deployment that was begun", async () => {
    const body = { model: { sha256: "a".repeat(64) }, image: "registry.example/scorer@sha256:1" };
    const all = await rows([request, recordOf("deployment-started", { body })]);
    expect(all).toContain(`|1|2026-11-23 12:00:00|${"a".repeat(64)}|registry.example/scorer@sha256:1|`);
    expect(await rows([request])).not.toContain("|What was started|");
  });

  it("says from when until when it ran, and what was found in its place", async () => {
    const begun = recordOf("deployment-started");
    const text = async (...records: readonly LedgerRecord[]) =>
      (await rows([request, begun, ...records])).find((row) => row.startsWith("|In production|"));
    expect(await rows([request])).not.toContain("|In production|");
    expect(await text(recordOf("deployed"))).toBe(
      "|In production|It served from 2026-11-23 12:00:00 on; its deployment was started at 2026-11-23 12:00:00. Nothing here took it back: it served until the next release there, or does still.|",
    );
    expect(await text(recordOf("rolled-back"))).toBe(
      "|In production|Its deployment was started at 2026-11-23 12:00:00 and never finished. It was taken back at 2026-11-23 12:00:00.|",
    );
    expect(await text(recordOf("deployed"), recordOf("intruder-found"))).toContain(
      "Something else was found in its place (1): see intruder-found below.",
    );
  });

  it("says until when it could be decided, who was asked to sign and what they were shown", async () => {
    const asked = (name: string, purpose = "asked") =>
      recordOf("notification-sent", { body: { name, purpose, reviewer: name } });
    const room = recordOf("notification-sent", { body: { name: "reviews", purpose: "asked" } });
    const envelope = { payloadType: "p", payload: "", signatures: [] } as unknown as SignedStatement["envelope"];
    const signed = [0, 1].map((index) => ({ index, envelope, predicate: { shown: { sha256: "d".repeat(64) } } }));
    const due = recordOf("request", { body: { expiresAt: "2026-12-03T09:04:17.000Z" } });
    const all = await rows([due, asked("Cora"), asked("Sam"), asked("Cora"), asked("Tom", "told"), room], { signed });
    expect(all).toContain("|To be decided before|2026-12-03 09:04:17|");
    expect(all).toContain("|Asked to sign|Cora, Sam|");
    expect(all).toContain(`|Shown to signers|${"d".repeat(64)}|`);
  });

  it("says who let it in without everybody, until when and for what, what came of it, and that its verdict is of that", async () => {
    const asked = recordOf("loan-requested");
    expect(await rows([request, asked])).toContain("|Break-glass|A loan was asked for (1), and none was made.|");
    const verdict = recordOf("verdict", { body: { result: "PASSED", loan: true } });
    const all = await rows([request, asked, asked, lent, verdict, recordOf("loan-ended"), recordOf("loan-taken-back")]);
    expect(all).toContain(
      "|Break-glass|Ledger entry 3: lent by sub-ines as officer and sub-tom as sre until 2026-11-23 16:00:00 (UTC), for 'INC-1: fraud'. Ledger entry 5: over 2026-11-23 12:00:00 (UTC). Ledger entry 6: taken back 2026-11-23 12:00:00 (UTC).|",
    );
    expect(all).toContain("|Verdict|PASSED of a loan, 2026-11-23 12:00:00, ledger entry 4|");
  });

  it("lists what was recorded, and only counts letters, links and exports", async () => {
    const unlisted = (
      ["notification-queued", "notification-delivered", "link-opened", "export-requested", "export"] as const
    ).map((type) => recordOf(type));
    const all = await rows([request, ...unlisted, judged]);
    expect(all).toContain("|Ledger|When (UTC)|What|In the service's own words|");
    expect(all).toContain("|0|2026-11-23 12:00:00|request|A request.|");
    expect(all).toContain("|6|2026-11-23 12:00:00|gates|A gates.|");
    expect(all.join("\n")).not.toContain("A link-opened.");
    expect(all.join("\n")).toContain("Not listed: 5 records of letters, opened links and exports.");
  });

  const headline = async (...records: readonly LedgerRecord[]) => {
    const at = records.map((record, index) => ({ index, record }));
    const page = await promotionReport(
      {
        promotion: id,
        records: at,
        signed: [],
        read: async () => null,
        readText: async () => undefined,
      },
      1,
    );
    return /<p class="(outcome[^"]*)">([^<]*)</.exec(page)?.slice(1);
  };

  it.each<[string, readonly LedgerRecord[], string, string]>([
    ["nothing yet", [request], "outcome", "Not decided."],
    [
      "a rejection",
      [request, recordOf("rejected")],
      "outcome bad",
      "Rejected 2026-11-23 12:00:00 (UTC). Ledger entry 1.",
    ],
    ["its deployment", [recordOf("deployed")], "outcome good", "Deployed 2026-11-23 12:00:00 (UTC). Ledger entry 0."],
    [
      "a loan",
      [request, lent, recordOf("deployment-started")],
      "outcome bad",
      "On loan until 2026-11-23 16:00:00 (UTC), not approved. Ledger entry 1.",
    ],
    [
      "a loan's end",
      [request, lent, recordOf("loan-ended")],
      "outcome bad",
      "Expired 2026-11-23 12:00:00 (UTC). Ledger entry 2.",
    ],
    [
      "a review after a release that went back",
      [recordOf("rolled-back"), recordOf("seat-reopened"), recordOf("stage-opened")],
      "outcome bad",
      "Rolled back 2026-11-23 12:00:00 (UTC). Ledger entry 0. In review again. Ledger entry 2.",
    ],
  ])("says what came of it: %s", async (_, records, tone, text) => {
    expect(await headline(...records)).toEqual([tone, text]);
  });

  it("calls a change of the policies one, and no model for a target", async () => {
    const model = { name: "policy", version: "Raise the AUC", type: "policy" };
    const asked = recordOf("request", { body: { model, target: "policies" } });
    expect(await rows([asked])).toContain("|Change of policies 'Raise the AUC'|");
    expect(await rows([request])).toContain("|asked 1|");
  });

  it("does not open with the service's own words, which nobody verifies", async () => {
    const said = await headline(recordOf("rejected", { summary: "Nothing was wrong with it." }));
    expect(said?.join()).not.toContain("Nothing was wrong");
  });
});

describe("who decided", () => {
  const envelope = { payloadType: "p", payload: "", signatures: [] } as unknown as SignedStatement["envelope"];
  const predicate = { reviewer: { subject: "sub-sam" }, result: "approve", reason: "Fine.", roles: ["sre", "lead"] };
  const signOff = (name: string) => recordOf("sign-off", { body: { signOff: digestOf(name) } });
  const opened = recordOf("stage-opened", { body: { stage: 1, name: "operations" } });
  const decided = recordOf("stage-decided", { body: { stage: 1, seats: [{ role: "sre", signOff: digestOf("s") }] } });
  const signed: SignedStatement = { index: 0, envelope, predicate, name: "Sam" };

  it("is told by name, with the seat that the sign-off filled", async () => {
    const all = await rows([signOff("s"), opened, decided], { signed: [signed] });
    expect(all).toContain("|Ledger|When (UTC)|Decision|Seat|Person|Reason|");
    expect(all).toContain("|0|2026-11-23 12:00:00|approve|sre in 'operations'|Sam (sub-sam)|Fine.|");
  });

  it("is told by subject where no name is known, and with the roles where no seat was filled", async () => {
    const { name: _, ...nameless } = signed;
    expect(await rows([signOff("other"), opened, decided], { signed: [nameless] })).toContain(
      "|0|2026-11-23 12:00:00|approve|none (as sre, lead)|sub-sam|Fine.|",
    );
    expect(await rows([recordOf("sign-off", { body: { signOff: "none" } }), decided], { signed: [signed] })).toContain(
      "|0|2026-11-23 12:00:00|approve|none (as sre, lead)|Sam (sub-sam)|Fine.|",
    );
  });

  it("is told with whoever they signed for, and where a seat fell again", async () => {
    const delegated = { ...predicate, onBehalfOf: { person: { subject: "sub-lea" } } };
    const fell = recordOf("seat-reopened", { body: { fallen: [{ signOff: digestOf("s") }] } });
    expect(
      await rows([signOff("s"), opened, decided, fell], { signed: [{ ...signed, predicate: delegated }] }),
    ).toContain(
      "|0|2026-11-23 12:00:00|approve|sre in 'operations', until it fell (ledger entry 3)|Sam (sub-sam), in the place of sub-lea|Fine.|",
    );
  });

  it("is told with that it was under conditions, which its record tells", async () => {
    const conditional = { ...predicate, conditions: { trafficPercent: 10 } };
    expect(await rows([signOff("s"), opened, decided], { signed: [{ ...signed, predicate: conditional }] })).toContain(
      "|0|2026-11-23 12:00:00|approve under conditions|sre in 'operations'|Sam (sub-sam)|Fine.|",
    );
  });

  it("is told of those too whose earlier approval was kept", async () => {
    const { reviewer, result } = predicate;
    const body = {
      reviewer,
      result,
      reason: "",
      recordedAt: "2026-11-20T08:00:00.000Z",
      kept: { roles: ["sre"] },
      from: "p-before",
    };
    const kept = recordOf("sign-off-kept", { body: { ...body, signOff: digestOf("s") }, summary: "It is kept." });
    expect(await rows([kept, opened, decided])).toContain(
      "|0|2026-11-20 08:00:00|approve (kept)|sre in 'operations'|sub-sam|Kept of p-before.|",
    );
    expect(await rows([kept])).toContain(
      "|0|2026-11-20 08:00:00|approve (kept)|none (as sre)|sub-sam|Kept of p-before.|",
    );
  });

  it("names a stage only where its opening is recorded, and counts nothing but sign-offs", async () => {
    const named = (all: readonly string[]) => all.filter((row) => row.includes("|approve|"));
    expect(named(await rows([signOff("s"), decided], { signed: [signed] }))).toEqual([
      "|0|2026-11-23 12:00:00|approve|sre in ''|Sam (sub-sam)|Fine.|",
    ]);
    const looksLikeIt = recordOf("gates", { body: decided.body });
    expect(named(await rows([signOff("s"), opened, looksLikeIt], { signed: [signed] }))[0]).toContain("|none (as");
    const notOpened = recordOf("gates", { body: { stage: 1, name: "other" } });
    expect(named(await rows([signOff("s"), opened, notOpened, decided], { signed: [signed] }))[0]).toContain(
      "'operations'",
    );
    expect(named(await rows([recordOf("loan"), decided], { signed: [signed] }))).toEqual([]);
    expect(named(await rows([signOff("s")], { signed: [{ ...signed, index: 9 }] }))).toEqual([]);
  });
});

it("shows what verification looks at, whatever else brings a document of that name", async () => {
  const others: Readonly<Record<string, Json>> = {
    [digestOf("other freeze.json")]: { ...manifest, model: { name: "other", version: "3" } },
    [digestOf("other gate-report.json")]: {
      findings: [{ rule: "quality.auc", status: "passed", sentence: "All is well." }],
    },
  };
  const attachments = ["freeze.json", "gate-report.json", "requirements.json"].map((name) => ({
    ...attached(name),
    sha256: digestOf(`other ${name}`),
  }));
  const read: ReportInput["read"] = async (sha256) => documents[sha256] ?? others[sha256];
  const honest = [request, frozen, judged];
  for (const type of ["answer", "outcome", "blocked"] as const) {
    const body = type === "blocked" ? { step: "deploy" } : {};
    const shown = await rows([...honest, recordOf(type, { attachments, body })], { read });
    expect(shown).toEqual(await rows([...honest, recordOf(type, { body })], { read }));
  }
});
