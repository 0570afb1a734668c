import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { recheckLate } from "../../../core/archive/verify-late.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { type ShadowObservations, shadowReportBytes } from "../../../core/gates/shadow/report.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Answered, MemoryShadow } from "../../functions/memory-shadow.ts";
import { attestationKey } from "../attestation/signing-keys.ts";
import { cora, dana, House, sam, shippedWith } from "./house.ts";
import { packOf, type Recorded, verified } from "./pack-fixture.ts";
import { changed, documentOf, type Retold, withChanged, withDocument } from "./retelling.ts";
import { recordsOf } from "./told.ts";

const matrix = readFileSync(new URL("../../../policies/matrix.yaml", import.meta.url), "utf8").replace(
  /( {4}expiresAfter: 10d\n)/,
  "$1    shadow: { duration: 1m, requests: 3, agreement: 0.9, psi: 0.2, answers: { threshold: 0.5 } }\n",
);
const answered: readonly Answered[] = [
  [0.1, 0.1],
  [0.2, 0.2],
  [0.9, 0.95],
  [0.7, 0.7],
];
let house: House;
let recorded: Recorded;
let first: PromotionId;
let shadowed: PromotionId;
let strange: PromotionId;

/** The first has nothing to run beside; the next runs in shadow and is deployed; one decides otherwise, and is blocked. */
beforeAll(async () => {
  house = new House(attestationKey(), shippedWith(matrix));
  const target = new MemoryShadow();
  target.possible = { kind: "nothing" };
  first = await house.submit("champion", "1.0.0");
  await house.freezeAndJudge(first);
  expect(await house.shadow(first, target)).toBe("reported");
  expect(await house.freezeAndJudge(first)).toBe("passed");
  await reviewed(first);

  target.possible = { kind: "possible", beside: first };
  target.answered = answered;
  shadowed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(shadowed);
  expect(await house.shadow(shadowed, target)).toBe("reported");
  expect(await house.freezeAndJudge(shadowed)).toBe("passed");
  expect(await house.shadow(shadowed, target)).toBe("settled");
  await reviewed(shadowed);

  target.answered = answered.map(([one]): Answered => [one, 1 - one]);
  strange = await house.submit("candidate", "2.1.0");
  await house.freezeAndJudge(strange);
  expect(await house.shadow(strange, target)).toBe("reported");
  expect(await house.freezeAndJudge(strange)).toBe("blocked");
  recorded = { house, deployed: shadowed, rejected: first, blocked: strange };
});

async function reviewed(id: PromotionId): Promise<void> {
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, dana);
  await house.sign(id, sam);
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
}

async function findings(told: Retold): Promise<readonly string[]> {
  const { findings: found } = await verified(await packOf(recorded, told));
  return found.map(({ code, sentence }) => `${code}: ${sentence}`);
}

function run(state: string, id = shadowed): Fact {
  const found = house.facts.find(
    ({ type, body, promotion }) => type === "shadow-run" && body["state"] === state && promotion === id,
  );
  if (found === undefined) throw new Error(`There is no ${state}.`);
  return found;
}

describe("a run in shadow", () => {
  it("is evidence that gates and reviewers had, beside what was frozen", () => {
    const { shadow, gates, manifest, status } = house.promotions.stored(shadowed);
    expect(status).toBe("deployed");
    expect(manifest.evidence.some(({ kind }) => kind === "shadow-run")).toBe(false);
    const summary = JSON.parse(fromUtf8(house.blobs.get(gates?.summary ?? sha256Hex(utf8(""))) ?? utf8("{}")));
    expect(summary.measures).toContainEqual({
      kind: "shadow-run",
      title: "Agreement with the champion in shadow",
      value: 1,
      where: "_shadow-run.json#/metrics/agreement",
      bound: { min: 0.9 },
      margin: expect.any(Number),
    });
    expect(summary.evidence.map(({ name }: { readonly name: string }) => name)).toContain("_shadow-run.json");
    expect(gates?.shadowRun).toBe(shadow?.evidence?.sha256);
    const signed = house.promotions.recordedSignOffs().filter(({ signOff }) => signOff.promotion === shadowed);
    const shown = signed.map(({ envelope }) => Buffer.from(envelope.payload, "base64").toString());
    expect(shown).toHaveLength(3);
    for (const statement of shown) expect(statement).toContain(gates?.summary);
  });

  it("stops a candidate that decides otherwise", () => {
    expect(house.promotions.stored(strange)).toMatchObject({
      status: "blocked",
      reason: expect.stringContaining("Agreement with the champion in shadow is 0; at least 0.9 is required."),
    });
  });

  it("holds in a pack, with its report made again from what both answered", async () => {
    expect(await findings({})).toEqual([]);
  });

  const better = (document: Record<string, unknown>) => ({
    ...document,
    answers: (document["answers"] as readonly unknown[]).map(() => [0.5, 0.5, 1]),
  });

  it.each<[string, () => Retold, RegExp]>([
    [
      "with a report that its answers do not make",
      () =>
        withChanged(house, run("reported"), "_shadow-run.json", (document) => ({
          ...document,
          metrics: { requests: 4 },
        })),
      /names another report than the one that it brings/,
    ],
    [
      "with answers that do not make its report",
      () => withChanged(house, run("reported"), "shadow-observations.json", better),
      /^gates-differ: What both models answered in the run in shadow does not make the report that was recorded\.$/,
    ],
    [
      "with a report of other answers, which the gates did not judge",
      () => forged(),
      /^gates-differ: The record of the gates brings another report of the run in shadow than there is\.$/,
    ],
    [
      "beside something else than its observations say",
      () => told("started", (body) => ({ ...body, beside: "other" })),
      /^gates-differ: The observations of the run in shadow are of another run than the recorded one\.$/,
    ],
    [
      "by another plan than its rule has",
      () => told("started", (body) => ({ ...body, plan: sha256Hex(utf8("other")) })),
      /^life-cycle: .*its rule asks for another plan of the run in shadow/,
    ],
    [
      "that never was over",
      () => told("over", (body) => ({ ...body, state: "running" })),
      /^life-cycle: .*the run in shadow is not over/,
    ],
    [
      "that was over in no time",
      () => ({ facts: changed(house, run("over"), (fact) => ({ ...fact, at: run("running").at })) }),
      /^gates-differ: The run in shadow is said to be over at .*: its plan asks for 1m\.$/,
    ],
    [
      "that was over after fewer requests than its plan asks for",
      () => told("over", (body) => ({ ...body, requests: 2 })),
      /^gates-differ: The run in shadow .* after 2 requests: its plan asks for 3 requests, or /,
    ],
    [
      "of which nobody says that it began",
      () => told("started", (body) => ({ plan: body["plan"] ?? null, state: "nothing-to-compare" })),
      /^life-cycle: .*the promotion is gating/,
    ],
    [
      "of a first release said to have one",
      () => told("nothing-to-compare", (body) => ({ ...body, plan: sha256Hex(utf8("other")) }), first),
      /^life-cycle: .*its rule asks for another plan of the run in shadow/,
    ],
  ])("is found out %s", async (_, lie, sentence) => {
    expect(await findings(lie())).toContainEqual(expect.stringMatching(sentence));
  });

  it("lasted from when the log had its beginning, where that came into it late", async () => {
    const records = recordsOf(house.facts).filter(({ record }) => record.promotion === shadowed);
    const { index } = records.find(({ record }) => record.id === run("running").id) ?? expect.unreachable();
    const late = async (seconds: number) => {
      const came = { after: addSeconds(run("over").at, seconds), signed: "with it" } as const;
      const read = async (sha256: Sha256) => house.blobs.get(sha256);
      return (await recheckLate(shadowed, records, new Map([[index, came]]), read)).findings;
    };
    expect(await late(900 - 60)).toEqual([]);
    expect(await late(900)).toEqual([
      expect.objectContaining({
        code: "order",
        sentence: expect.stringMatching(/that the end of its run in shadow waited for 1m is not so by the log\.$/),
      }),
    ]);
  });

  function told(state: string, change: (body: Fact["body"]) => Fact["body"], id = shadowed): Retold {
    return { facts: changed(house, run(state, id), (fact) => ({ ...fact, body: change(fact.body) })) };
  }

  /** The whole chain but the gates: other answers, their report, and a record that names it. */
  function forged(): Retold {
    const fact = run("reported");
    const observations = JSON.parse(
      fromUtf8(documentOf(house, fact, "shadow-observations.json")),
    ) as ShadowObservations;
    const other = { ...observations, answers: observations.answers.slice(1) };
    const report = shadowReportBytes(other);
    const one = withChanged(house, fact, "shadow-observations.json", () => other);
    const two = withDocument(house, fact, "_shadow-run.json", report);
    const evidence = { ...(fact.body["evidence"] as object), size: report.length, sha256: sha256Hex(report) };
    const blobs = new Map([...(one.blobs ?? []), ...(two.blobs ?? [])]);
    const names = new Map(
      [...(one.facts ?? []), ...(two.facts ?? [])]
        .filter(({ id }) => id === fact.id)
        .flatMap(({ attachments }) => attachments)
        .filter(({ sha256 }) => !fact.attachments.some((each) => each.sha256 === sha256))
        .map((each) => [each.name, each]),
    );
    const attachments = fact.attachments.map((each) => names.get(each.name) ?? each);
    return { facts: changed(house, fact, (was) => ({ ...was, attachments, body: { ...was.body, evidence } })), blobs };
  }
});
