import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { type GatesAgain, recheckGates } from "../../../../core/archive/promotion/verify-gates.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { gateGenerations } from "../../../../core/gates/gate-generations.ts";
import type { FreezeManifest } from "../../../../core/promotion/freeze-manifest.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";
import { policyOf, replayedOf, told } from "../told.ts";
import { stepOf } from "../told-steps.ts";

const deployed = await replayedOf(told.deployed);
const blocked = await replayedOf(told.blocked);
const gates = stepOf(deployed.steps, "gates");
const stopped = stepOf(blocked.steps, "blocked");
const { blobs } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);

const recheck = (step: Step = gates, from: ReadDocument = read, over: Partial<GatesAgain> = {}) => {
  const manifest = step.after.manifest;
  return recheckGates(step, manifest, from, {
    policyOf,
    generations: gateGenerations,
    judged: new Map(),
    elsewhere: read,
    ...over,
  });
};
const digestIn = ({ record }: Step, name: string): Sha256 => {
  const sha256 = record.attachments.find((each) => each.name === name)?.sha256;
  if (sha256 === undefined) throw new Error(`There is no ${name}.`);
  return sha256;
};
/** Other bytes under a digest. */
const bringing = (sha256: Sha256 | undefined, bytes: Uint8Array | undefined): ReadDocument => {
  return async (wanted) => (wanted === sha256 ? bytes : blobs.get(wanted));
};
const jsonAt = (name: string, step = gates) => JSON.parse(fromUtf8(blobs.get(digestIn(step, name)) ?? utf8("{}")));
const asking = (change: (asked: NonNullable<Step["requirements"]>) => object): Step =>
  gates.requirements === undefined
    ? gates
    : { ...gates, requirements: { ...gates.requirements, ...change(gates.requirements) } };

describe("gates that are evaluated again", () => {
  it("come to what was recorded, where they passed and where they stopped a candidate", async () => {
    expect(await recheck()).toEqual([]);
    expect(await recheck(stopped)).toEqual([]);
  });

  it("are evaluated once for the same evidence under the same policy", async () => {
    const judged: GatesAgain["judged"] = new Map();
    let evaluations = 0;
    const counted: GatesAgain["policyOf"] = (wasm) => {
      evaluations += 1;
      return policyOf(wasm);
    };
    const again = (step = gates) => recheck(step, read, { judged, policyOf: counted });
    expect([await again(), await again(), evaluations, judged.size]).toEqual([[], [], 1, 1]);
    const { gates: outcome } = gates.after;
    if (outcome === undefined) throw new Error("The gates were not judged.");
    for (const other of [
      { ...gates, after: { ...gates.after, gates: { ...outcome, outcome: "blocked" as const } } },
      { ...gates, record: { ...gates.record, type: "blocked" as const } },
      { ...gates, requirements: undefined },
      { ...gates, after: { ...gates.after, facts: { release: "update" as const } } },
      { ...gates, after: { ...gates.after, frozen: [] } },
    ])
      await again(other);
    expect(judged.size).toBe(6);
  });

  it("are not said to come to what they do not", async () => {
    const { gates: outcome } = gates.after;
    if (outcome === undefined) throw new Error("The gates were not judged.");
    const other = { ...gates, after: { ...gates.after, gates: { ...outcome, outcome: "blocked" as const } } };
    expect(await recheck(other)).toEqual(["The gates, evaluated again, are 'passed'; 'blocked' was recorded."]);
  });

  it("make the report of their moment and of the evidence, to the byte", async () => {
    const wrong = "The gates, evaluated again, do not come to the report that was recorded.";
    const report = jsonAt("gate-report.json");
    const other = canonicalJsonBytes({ ...report, findings: report.findings.slice(1) });
    expect(await recheck(gates, bringing(digestIn(gates, "gate-report.json"), other))).toEqual([wrong]);
    const later = { ...gates, record: { ...gates.record, at: addSeconds(gates.record.at, 1) } };
    expect(await recheck(later)).toEqual([wrong]);
    for (const strange of ["{}", "[]", "null", '{"findings":{}}', '{"findings":[null]}'])
      expect(await recheck(gates, bringing(digestIn(gates, "gate-report.json"), utf8(strange)))).toEqual([wrong]);
  });

  it("take the order of the findings from the report, and nothing else", async () => {
    const report = jsonAt("gate-report.json");
    const reversed = canonicalJsonBytes({ ...report, findings: report.findings.toReversed() });
    expect(await recheck(gates, bringing(digestIn(gates, "gate-report.json"), reversed))).toEqual([]);
  });

  it("make the summary that reviewers were shown", async () => {
    const summary = { ...jsonAt("evidence-summary.json"), more: true };
    const { gates: outcome } = gates.after;
    if (outcome === undefined) throw new Error("The gates were not judged.");
    const shown = { ...gates, after: { ...gates.after, gates: { ...outcome, summary: digestOf("other") } } };
    expect(await recheck(shown)).toEqual(["The evidence does not make the summary that reviewers were shown."]);
    expect(
      await recheck(gates, bringing(digestIn(gates, "evidence-summary.json"), canonicalJsonBytes(summary))),
    ).toEqual([]);
  });

  it("were made by a version that is known", async () => {
    const report = { ...jsonAt("gate-report.json"), reportVersion: 99 };
    expect(
      await refused(recheck(gates, bringing(digestIn(gates, "gate-report.json"), canonicalJsonBytes(report)))),
    ).toEqual({
      code: "newer-version",
      sentence: "gate-report.json is of version 99: it could not be checked, since a newer Countersign made it.",
    });
    const summary = { ...jsonAt("evidence-summary.json"), summaryVersion: 99 };
    expect(
      await refused(recheck(gates, bringing(digestIn(gates, "evidence-summary.json"), canonicalJsonBytes(summary)))),
    ).toEqual({
      code: "newer-version",
      sentence: "evidence-summary.json is of version 99: it could not be checked, since a newer Countersign made it.",
    });
  });
});

describe("gates cannot be evaluated again", () => {
  const first = gates.after.manifest.evidence[0];

  it.each<[string, () => Sha256 | undefined, string]>([
    ["the policy", () => digestIn(gates, "gates.wasm"), "The policy that judged is not in the pack."],
    ["the report", () => digestIn(gates, "gate-report.json"), "The gate report is not in the pack."],
    [
      "the summary",
      () => digestIn(gates, "evidence-summary.json"),
      "The summary that reviewers were shown is not in the pack.",
    ],
    [
      "evidence",
      () => first?.sha256,
      `The evidence '${first?.name}' is not in the pack, so the gates cannot be evaluated again.`,
    ],
  ])("without %s", async (_, sha256, sentence) => {
    expect(await recheck(gates, bringing(sha256(), undefined))).toEqual([sentence]);
  });

  it("without what they asked, or by another policy than that names", async () => {
    expect(await recheck({ ...gates, requirements: undefined })).toEqual([
      "The policy that judged is not in the pack.",
    ]);
    const other = asking(({ gates: asked }) => ({ gates: { ...asked, wasm: digestOf("other") } }));
    expect(await recheck(other)).toEqual(["The policy in the pack is not the one that the requirements name."]);
  });

  it("without what was released before, where they were compared with that", async () => {
    const { steps } = await replayedOf(told.reopened);
    const compared = steps.find(
      ({ record }) =>
        record.type === "gates" && record.attachments.some(({ name }) => name === "earlier-releases.json"),
    );
    if (compared === undefined) throw new Error("Nothing was compared.");
    expect(await recheck(compared)).toEqual([]);
    expect(await recheck(compared, bringing(digestIn(compared, "earlier-releases.json"), undefined))).toEqual([
      "What was released before is not in the pack, so the comparison cannot be made again.",
    ]);
  });

  it("where they bring the report of a run in shadow that there was not", async () => {
    const attachments = [
      ...gates.record.attachments,
      { name: "_shadow-run.json", mediaType: "application/json", sha256: digestOf("report") },
    ];
    expect(await recheck({ ...gates, record: { ...gates.record, attachments } })).toEqual([
      "The record of the gates brings another report of the run in shadow than there is.",
    ]);
  });
});

describe("the conditions of the matrix", () => {
  const wrong =
    "The conditions of the approval matrix were decided by other facts than the evidence and the request say.";
  const deciding = (facts: object, manifest: Partial<FreezeManifest> = {}) => {
    const step = asking(({ decided }) => (decided === undefined ? {} : { decided: { ...decided, facts } }));
    return { ...step, after: { ...step.after, manifest: { ...step.after.manifest, ...manifest } } };
  };

  it("were decided by the evidence", async () => {
    const facts = gates.requirements?.decided?.facts;
    expect(facts?.evidence?.metrics).toHaveProperty("accuracy");
    expect(await recheck(deciding({ ...facts }))).toEqual([]);
    expect(await recheck(deciding({ evidence: { metrics: { accuracy: [0.99] } } }))).toEqual([wrong]);
  });

  it("make the rule that was applied", async () => {
    const fewer = asking(({ rule }) => ({ rule: { ...rule, stages: rule.stages.slice(1) } }));
    expect(await recheck(fewer)).toEqual(["The rule that was applied is not what its conditions come to."]);
  });

  it("are asked of no candidate that was stopped, and of no rule without any", async () => {
    const { decided: _, ...requirements } = gates.requirements ?? { decided: undefined };
    expect(await recheck({ ...gates, requirements: requirements as NonNullable<Step["requirements"]> })).toEqual([]);
    const fewer = asking(({ rule }) => ({ rule: { ...rule, stages: rule.stages.slice(1) } }));
    const asStopped = { ...fewer, record: { ...fewer.record, type: "blocked" as const } };
    expect(await recheck(asStopped)).toEqual([]);
  });
});

it("frozen copies are judged by the digest that their place names", async () => {
  const frozen = gates.after.frozen ?? [];
  const [model, ...others] = frozen;
  if (model === undefined) throw new Error("Nothing was frozen.");
  const moved = { ...model, key: model.key.replace(/[0-9a-f]{64}/, sha256Hex(utf8("other"))) };
  expect(await recheck({ ...gates, after: { ...gates.after, frozen: [moved, ...others] } })).toContain(
    "The gates, evaluated again, are 'blocked'; 'passed' was recorded.",
  );
});
