import { describe, expect, it } from "vitest";
import type { ReadDocument } from "../../../core/archive/promotion-file.ts";
import type { Step } from "../../../core/archive/replay-promotion.ts";
import { recheckDeployment, recheckVerdict } from "../../../core/archive/verify-verdict.ts";
import { parseEnvelope } from "../../../core/attestation/dsse.ts";
import { base64, fromBase64 } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { ReleaseConditions } from "../../../core/promotion/release-conditions.ts";
import { refused } from "../refusal.ts";
import { reviewOf, type ToldReview, told, trustIn } from "./told.ts";
import { at, knowing, sayingIn, stepOf, withStep } from "./told-steps.ts";

const deployed = await reviewOf(told.deployed);
const lent = await reviewOf(told.lent);
const ratified = await reviewOf(told.ratified);
const { trust } = await trustIn({});
const anybody = { ...trust, verifySignature: () => true };
const read: ReadDocument = async (sha256) => told.house.blobs.get(sha256);

const recheck = (
  step: Step,
  review: Pick<ToldReview, "held" | "lenders"> = deployed,
  over: Partial<typeof trust> = {},
  from = read,
) => recheckVerdict(step, review, from, { ...trust, ...over });
const verdict = stepOf(deployed.steps, "verdict");

interface Said {
  readonly predicate: Record<string, unknown> & {
    readonly verifiedLevels: readonly string[];
    readonly inputAttestations: readonly { readonly uri: string }[];
  };
}

/** The verdict of a step, saying something else; signed by whoever. */
function saying({ record }: Step, change: (predicate: Said["predicate"]) => object): ReadDocument {
  const attachment = record.attachments.find(({ name }) => name === "verdict.dsse.json");
  const bytes = attachment === undefined ? undefined : told.house.blobs.get(attachment.sha256);
  const envelope = parseEnvelope(JSON.parse(fromUtf8(bytes ?? utf8("null"))));
  const statement: Said = JSON.parse(fromUtf8(fromBase64(envelope.payload)));
  const payload = canonicalJsonBytes({ ...statement, predicate: change(statement.predicate) });
  return async () => canonicalJsonBytes({ ...envelope, payload: base64(payload) });
}

const otherwise = {
  code: "verdict-invalid",
  sentence: "The signed verdict says something else than the records that it rests on.",
};

describe("a verdict", () => {
  it("follows from the records, of a quorum and of a loan", async () => {
    await recheck(verdict);
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
    await recheck(step, { held, lenders }, { ...anybody, passkeys: revoked(-4) }, claiming);
    expect(await refused(recheck(step, { held, lenders }, { ...anybody, passkeys: revoked(-5) }, claiming))).toEqual(
      otherwise,
    );
  });
});

describe("a deployment", () => {
  const begun = stepOf(deployed.steps, "deployment-started");
  const wrong = (change: (steps: readonly Step[]) => readonly Step[], from = read) =>
    recheckDeployment(stepOf(change([begun]), "deployment-started"), from);

  it("follows from its verdict as it was recorded", async () => {
    expect(await recheckDeployment(begun, read)).toBeUndefined();
    expect(await recheckDeployment(stepOf(lent.steps, "deployment-started"), read)).toBeUndefined();
  });

  it("rests on the promotion's verdict, and on one that passed", async () => {
    const sentence = "The deployment does not rest on the promotion's verdict.";
    const another = sha256Hex(utf8("another"));
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { verdict: another }))).toBe(sentence);
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { verdict: null }))).toBe(sentence);
    const { verdict: signed } = begun.before ?? {};
    if (signed === undefined) throw new Error("There is no verdict.");
    const failed = { ...signed, result: "FAILED" as const };
    expect(await wrong((steps) => knowing(steps, "deployment-started", { verdict: failed }))).toBe(sentence);
    expect(await wrong((steps) => withStep(steps, "deployment-started", () => ({ before: undefined })))).toBe(sentence);
  });

  it("of what is lent rests on the loan's verdict", async () => {
    const step = stepOf(lent.steps, "deployment-started");
    const [told] = sayingIn([step], "deployment-started", { verdict: begun.record.body["verdict"] ?? null });
    expect(await recheckDeployment(told ?? step, read)).toBe(
      "The deployment does not rest on the promotion's verdict.",
    );
  });

  it("goes where it was signed for", async () => {
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { endpoint: "other" }))).toBe(
      "The deployment went to another endpoint than was signed off.",
    );
  });

  it("begins within an hour of its verdict, but for what clocks may differ by", async () => {
    const from: Instant = begun.before?.verdict?.at ?? begun.record.at;
    const begins = (seconds: number) => wrong((steps) => at(steps, "deployment-started", addSeconds(from, seconds)));
    expect(await begins(3604)).toBeUndefined();
    expect(await begins(3605)).toBe("The deployment began when the verdict was too old to allow it.");
  });

  it("says of the infrastructure plans that were signed that they are applied, where the target asks", async () => {
    const sentence = "The deployment began, and the infrastructure plans that were signed are not said to be applied.";
    const plan = { plan: sha256Hex(utf8("plan")), by: "report" };
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { infrastructure: [plan] }))).toBe(sentence);
  });

  describe("under conditions", () => {
    const conditions = { forSeconds: 600, errorPercent: 1 };
    const signed = saying(verdict, (predicate) => ({ ...predicate, countersignConditions: conditions }));
    const { release } = begun.record.body;
    const released = (change: object) => ({ ...(release as object), ...change });

    it("names those of its verdict", async () => {
      const sentence = "The deployment names other conditions than its verdict does.";
      const naming = (named: object, from = signed) =>
        wrong((steps) => sayingIn(steps, "deployment-started", { conditions: { ...named } }), from);
      expect(await naming({ ...conditions, errorPercent: 2 })).toBe(sentence);
      expect(await wrong((steps) => steps, signed)).toBe(sentence);
      expect(await naming(conditions, read)).toBe(sentence);
      expect(await naming(conditions, async () => undefined)).toBe(sentence);
    });

    it("is as careful as they ask", async () => {
      const careful = { watchSeconds: 600, alarms: { kind: "own", errorPercent: 1 } };
      const as = (change: object) =>
        wrong((steps) => sayingIn(steps, "deployment-started", { conditions, release: released(change) }), signed);
      expect(await as(careful)).toBeUndefined();
      expect(await as({ ...careful, watchSeconds: 599 })).toBe(
        "The release was watched for 599s, and 10m was the condition.",
      );
    });

    it("has conditions in its verdict that can be read, or none", async () => {
      const strange = saying(verdict, (predicate) => ({ ...predicate, countersignConditions: { forSeconds: "600" } }));
      expect(await refused(Promise.resolve(wrong((steps) => steps, strange)))).toEqual({
        code: "verdict-invalid",
        sentence: "The conditions of the verdict cannot be read.",
      });
      const empty: ReadDocument = async () =>
        canonicalJsonBytes({
          payloadType: "application/vnd.in-toto+json",
          payload: base64(utf8("null")),
          signatures: [{ keyid: "k", sig: "" }],
        });
      expect(await wrong((steps) => steps, empty)).toBeUndefined();
    });
  });
});
