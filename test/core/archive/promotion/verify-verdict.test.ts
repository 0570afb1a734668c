import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import { recheckTrials, recheckVerdict } from "../../../../core/archive/promotion/verify-verdict.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { ReleaseConditions } from "../../../../core/promotion/release-conditions.ts";
import { refused } from "../../refusal.ts";
import { reviewOf, type ToldReview, told, trustIn } from "../told.ts";
import { at, stepOf } from "../told-steps.ts";
import { deployed, lent, read, type Said, saying, verdict } from "../told-verdict.ts";

const ratified = await reviewOf(told.ratified);
const { trust } = await trustIn({});
const anybody = { ...trust, verifySignature: () => true };

const recheck = (
  step: Step,
  review: Pick<ToldReview, "held" | "lenders"> = deployed,
  over: Partial<typeof trust> = {},
  from = read,
) => recheckVerdict(step, review, from, { ...trust, ...over });

const otherwise = {
  code: "verdict-invalid",
  sentence: "The signed verdict says something else than the records that it rests on.",
};

describe("a verdict", () => {
  it("follows from the records, of a quorum and of a loan", async () => {
    expect(await recheck(verdict)).toMatchObject({ predicate: { verificationResult: "PASSED" } });
    await recheck(stepOf(lent.steps, "verdict"), lent);
    for (const step of ratified.steps.filter(({ record }) => record.type === "verdict")) await recheck(step, ratified);
  });

  it("is in the pack, of a promotion that was there before", async () => {
    const missing = { code: "verdict-invalid", sentence: "The verdict is not in the pack." };
    expect(await refused(recheck(verdict, deployed, {}, async () => undefined))).toEqual(missing);
    expect(await refused(recheck({ ...verdict, before: undefined }))).toEqual(missing);
  });

  it.each<[string, (predicate: Said["predicate"]) => object]>([
    ["another result", (predicate) => ({ ...predicate, verificationResult: "FAILED" })],
    ["another time", (predicate) => ({ ...predicate, timeVerified: "2026-11-24T00:00:00.000Z" })],
    ["a sign-off less", (predicate) => ({ ...predicate, inputAttestations: predicate.inputAttestations.slice(1) })],
    ["another target", (predicate) => ({ ...predicate, resourceUri: "sagemaker-endpoint://staging/credit-scoring" })],
    ["another verifier", (predicate) => ({ ...predicate, verifier: { id: "https://other.example/verifier/v1" } })],
    [
      "more passkeys",
      ({ verifiedLevels, ...rest }) => ({ ...rest, verifiedLevels: [...verifiedLevels, "COUNTERSIGN_PASSKEY"] }),
    ],
  ])("says nothing else: %s", async (_, change) => {
    expect(await refused(recheck(verdict, deployed, anybody, saying(verdict, change)))).toEqual(otherwise);
  });

  it("counts what held alone", async () => {
    expect(await refused(recheck(verdict, { held: deployed.held.slice(1), lenders: [] }))).toEqual(otherwise);
    expect(await refused(recheck(at([verdict], "verdict", addSeconds(verdict.record.at, 1))[0] ?? verdict))).toEqual(
      otherwise,
    );
  });

  it("is signed by a key that is trusted, and in force", async () => {
    expect(await refused(recheck(verdict, deployed, { verifySignature: () => false }))).toEqual({
      code: "signature-invalid",
      sentence: "The envelope's signature does not fit its content.",
    });
    expect(await refused(recheck(verdict, deployed, { keys: [] }))).toMatchObject({ code: "signature-invalid" });
    const retired = trust.keyHistory.map((key) => ({ ...key, until: verdict.record.at }));
    const { code, sentence } = await refused(recheck(verdict, deployed, { keyHistory: retired }));
    expect({ code, sentence }).toEqual({
      code: "signature-invalid",
      sentence: `It is signed with the attestation key 1, which was retired at ${verdict.record.at}.`,
    });
  });

  it("by a later verifier is not checked, and its number is its version", async () => {
    const by = (id: unknown) =>
      refused(
        recheck(
          verdict,
          deployed,
          anybody,
          saying(verdict, (predicate) => ({ ...predicate, verifier: { id } })),
        ),
      );
    expect(await by("https://countersign.example/verifier/v2")).toEqual({
      code: "newer-version",
      sentence:
        "The verifier of the verdict is of version 2: it could not be checked, since a newer Countersign made it.",
    });
    expect(await by("https://countersign.example/verifier/v12")).toMatchObject({ code: "newer-version" });
    for (const id of [
      "https://countersign.example/verifier/v2/more",
      "https://countersign.example/verifier/vx",
      2,
      null,
    ])
      expect(await by(id)).toEqual(otherwise);
    const none = saying(verdict, ({ verifier: _, ...predicate }) => predicate);
    expect(await refused(recheck(verdict, deployed, anybody, none))).toEqual(otherwise);
  });

  it("may claim less about passkeys than the records show, and never more", async () => {
    const [first] = ratified.steps.filter(({ record }) => record.type === "verdict").slice(-1);
    if (first === undefined) throw new Error("There is no verdict.");
    const passkey = deployed.held.find(({ signOff }) => signOff.passkey !== undefined)?.signOff.passkey;
    if (passkey === undefined) throw new Error("Nobody signed with a passkey.");
    const held = deployed.held.map((each) => ({ ...each, signOff: { ...each.signOff, passkey } }));
    // All of them with a passkey: the recorded verdict says nothing of it.
    await recheck(verdict, { held, lenders: [] });
    const claiming = saying(verdict, ({ verifiedLevels, ...rest }) => ({
      ...rest,
      verifiedLevels: [...verifiedLevels, "COUNTERSIGN_PASSKEY"],
    }));
    await recheck(verdict, { held, lenders: [] }, anybody, claiming);
    expect(
      await refused(recheck(verdict, { held, lenders: [] }, { ...anybody, passkeys: new Map() }, claiming)),
    ).toEqual(otherwise);
  });
});

describe("a verdict over a report of rules on trial", () => {
  const until = (seconds: number) => addSeconds(verdict.record.at, seconds);
  const rechecked = (finding: object, step: Step = verdict) =>
    recheckTrials(step, async () => canonicalJsonBytes({ findings: [{ rule: "quality.auc", ...finding }] }));
  const { record } = verdict;

  it("is PASSED while one that did not pass is on trial, give or take what clocks differ by", async () => {
    expect(await rechecked({ status: "failed", dryRunUntil: until(-4.999) })).toBeUndefined();
    expect(await rechecked({ status: "missing", dryRunUntil: until(-5) })).toBe(
      `The verdict is PASSED, and 'quality.auc' did not pass, which was on trial until ${until(-5)} and blocks since.`,
    );
  });

  it("asks nothing of one that passed, or was on no trial, nor where it is FAILED", async () => {
    expect(await rechecked({ status: "passed", dryRunUntil: until(-5) })).toBeUndefined();
    expect(await rechecked({ status: "failed" })).toBeUndefined();
    const failed = { ...verdict, record: { ...record, body: { ...record.body, result: "FAILED" } } };
    expect(await rechecked({ status: "failed", dryRunUntil: until(-5) }, failed)).toBeUndefined();
  });

  it("leaves it to the gates where their report is not there, or of no form that is known", async () => {
    expect(await recheckTrials(verdict, async () => undefined)).toBeUndefined();
    expect(await recheckTrials(verdict, async () => canonicalJsonBytes({ findings: 1 }))).toBeUndefined();
    expect(await recheckTrials({ ...verdict, before: undefined }, read)).toBeUndefined();
  });
});

describe("a verdict over approvals with conditions", () => {
  const conditions: ReleaseConditions = { forSeconds: 600, errorPercent: 1 };
  const conditional = deployed.held.map((each) => ({ ...each, signOff: { ...each.signOff, conditions } }));
  const ruled = (rule: object): Step =>
    verdict.requirements === undefined
      ? verdict
      : { ...verdict, requirements: { ...verdict.requirements, rule: { ...verdict.requirements.rule, ...rule } } };
  const forbidden = ruled({ conditions: "forbidden" });

  it("names them, and the level says so", async () => {
    expect(await refused(recheck(verdict, { held: conditional, lenders: [] }))).toEqual(otherwise);
    const named = saying(verdict, ({ verifiedLevels, ...rest }) => ({
      ...rest,
      verifiedLevels: [`${verifiedLevels[0]}_CONDITIONAL`, ...verifiedLevels.slice(1)],
      countersignConditions: conditions,
    }));
    await recheck(verdict, { held: conditional, lenders: [] }, anybody, named);
  });

  it("has none that the matrix lets nobody ask", async () => {
    expect(await refused(recheck(forbidden, { held: conditional, lenders: [] }))).toEqual({
      code: "verdict-invalid",
      sentence: "The approval matrix takes no approval with conditions here.",
    });
  });

  it("is not asked of where it says FAILED, or where what was asked fills no seat", async () => {
    const failed = { ...forbidden, record: { ...forbidden.record, body: { result: "FAILED" } } };
    expect(await refused(recheck(failed, { held: conditional, lenders: [] }))).toEqual(otherwise);
    const elsewhere = { ...forbidden, before: { ...(forbidden.before ?? verdict.after), settled: [] } };
    expect(await refused(recheck(elsewhere, { held: conditional, lenders: [] }))).toEqual(otherwise);
    await recheck(forbidden, deployed);
  });

  it("over what runs on loan asks the release that runs", async () => {
    const step = ratified.steps.findLast(({ record }) => record.type === "verdict");
    if (step === undefined) throw new Error("There is no verdict.");
    const held = ratified.held.map((each) => ({ ...each, signOff: { ...each.signOff, conditions } }));
    expect(await refused(recheck(step, { held, lenders: ratified.lenders }))).toEqual({
      code: "verdict-invalid",
      sentence: expect.stringMatching(/^What runs on loan was not released under these conditions: it /),
    });
  });
});

describe("the verdict of a loan", () => {
  const step = stepOf(lent.steps, "verdict");

  it("names its lenders, and the sign-offs that it says it rests on", async () => {
    expect(await refused(recheck(step, { ...lent, lenders: [] }))).toEqual(otherwise);
    expect(await refused(recheck(step, { ...lent, lenders: lent.lenders.slice(1) }))).toEqual(otherwise);
  });

  it("may leave out a sign-off whose seat was lost, and is lent with the others", async () => {
    const without = saying(step, (predicate) => ({
      ...predicate,
      inputAttestations: predicate.inputAttestations.filter(({ uri }) => uri.includes("/loans/")),
    }));
    await recheck(step, lent, anybody, without);
    const more = saying(step, (predicate) => ({
      ...predicate,
      inputAttestations: [
        ...predicate.inputAttestations,
        { uri: `https://countersign.example/sign-offs/${"0".repeat(64)}` },
      ],
    }));
    expect(await refused(recheck(step, lent, anybody, more))).toEqual(otherwise);
    const none = saying(step, ({ inputAttestations: _, ...predicate }) => predicate);
    expect(await refused(recheck(step, lent, anybody, none))).toEqual(otherwise);
  });

  it("asks nothing of conditions that a sign-off has which it leaves out", async () => {
    const held = lent.held.map((each) => ({
      ...each,
      signOff: { ...each.signOff, conditions: { forSeconds: 600, errorPercent: 1 } },
    }));
    const rule =
      step.requirements === undefined
        ? {}
        : {
            requirements: {
              ...step.requirements,
              rule: { ...step.requirements.rule, conditions: "forbidden" as const },
            },
          };
    const without = saying(step, (predicate) => ({
      ...predicate,
      inputAttestations: predicate.inputAttestations.filter(({ uri }) => uri.includes("/loans/")),
    }));
    await recheck({ ...step, ...rule }, { ...lent, held }, anybody, without);
    expect(await refused(recheck({ ...step, ...rule }, { ...lent, held }))).toMatchObject({
      sentence: "The approval matrix takes no approval with conditions here.",
    });
  });

  it("claims no passkey of a lender that does not stand", async () => {
    const use = { id: [...lent.passkeys.keys()][0] ?? sha256Hex(utf8("")), counter: 0 };
    const lenders = lent.lenders.map((each) => ({ ...each, signature: { ...each.signature, passkey: use } }));
    const held = lent.held.map((each) => ({ ...each, signOff: { ...each.signOff, passkey: use } }));
    const claiming = saying(step, ({ verifiedLevels, ...rest }) => ({
      ...rest,
      verifiedLevels: [...verifiedLevels, "COUNTERSIGN_PASSKEY"],
    }));
    await recheck(step, { held, lenders }, anybody, claiming);
    await recheck(step, { held, lenders });
    expect(await refused(recheck(step, { held, lenders: lent.lenders }, anybody, claiming))).toEqual(otherwise);
    expect(await refused(recheck(step, { held, lenders }, { ...anybody, passkeys: new Map() }, claiming))).toEqual(
      otherwise,
    );
    const [passkey] = lent.passkeys.values();
    if (passkey === undefined) throw new Error("There is no passkey.");
    const revoked = (seconds: number) =>
      new Map([
        [passkey.id, { ...passkey, revoked: { ...passkey.enrolled, recordedAt: addSeconds(step.record.at, seconds) } }],
      ]);
    await recheck(step, { held, lenders }, { ...anybody, passkeys: revoked(-7) }, claiming);
    expect(await refused(recheck(step, { held, lenders }, { ...anybody, passkeys: revoked(-8) }, claiming))).toEqual(
      otherwise,
    );
  });
});
