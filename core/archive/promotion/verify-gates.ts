import { conditionsIn, factsAsked } from "../../approval/conditions.ts";
import { decidedRightly, type Requirements } from "../../approval/requirements.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { canonicalJson, canonicalJsonBytes, type Json } from "../../encoding/canonical-json.ts";
import { madeBy, versionIn } from "../../encoding/generation.ts";
import { type Sha256, sha256Hex } from "../../encoding/sha256.ts";
import { earlierReleasesName, readEarlierReleases } from "../../gates/earlier-releases.ts";
import type { GateGenerations } from "../../gates/gate-generations.ts";
import type { GateReport } from "../../gates/gate-report.ts";
import { matrixFacts } from "../../gates/matrix-facts.ts";
import type { EvaluatePolicy } from "../../gates/policy-result.ts";
import { judgedInShadow } from "../../gates/shadow/rules.ts";
import type { GateThresholds } from "../../gates/thresholds.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import type { EvidenceFacts, Promotion } from "../../promotion/promotion.ts";
import { shadowReportName } from "../../promotion/shadow.ts";
import { readJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import { recheckReleases } from "./verify-releases.ts";

/** Makes a policy of the bytes of its wasm. */
export type PolicyOf = (wasm: Uint8Array) => EvaluatePolicy;

/**
 * What gates were found to come to, by everything that went into them: many promotions may rest on the same evidence
 * under the same policy, which then is evaluated once.
 */
export type JudgedGates = Map<string, readonly string[]>;

/** What gates are evaluated again with. */
export interface GatesAgain {
  readonly policyOf: PolicyOf;
  readonly generations: GateGenerations;
  readonly judged: JudgedGates;
  /** Documents of other promotions, where they are in the pack. */
  readonly elsewhere: ReadDocument;
}

/** As `evaluateAgain`, once for the same evidence, policy and outcome. */
export async function recheckGates(
  step: Step,
  manifest: FreezeManifest,
  read: ReadDocument,
  context: GatesAgain,
): Promise<readonly string[]> {
  const { judged } = context;
  const { record, after, requirements } = step;
  const attachments = record.attachments.map(({ name, sha256 }) => ({ name, sha256 }));
  const key = sha256Hex(
    canonicalJsonBytes({
      // What is judged on trial until a day, or was measured so long ago, depends on when.
      at: record.at,
      attachments,
      facts: after.facts,
      frozen: (after.frozen ?? []).map(({ key, name }) => ({ key, name })),
      // That it is the one with this digest was checked; it is read in an order of its own.
      manifest: [after.freezeDigest, namesIn(manifest.artifacts), namesIn(manifest.evidence)],
      outcome: after.gates,
      requirements: requirements === undefined ? undefined : digestOf(requirements),
      shadow: after.shadow,
      type: record.type,
    }),
  );
  const known = judged.get(key);
  if (known !== undefined) return known;
  const sentences = await evaluateAgain(step, manifest, read, context);
  if (judged.size >= mostJudged) judged.clear();
  judged.set(key, sentences);
  return sentences;
}

function namesIn(files: readonly { readonly name: string }[]): readonly string[] {
  return files.map(({ name }) => name);
}

const mostJudged = 10_000;

// Read once, and the same for many promotions.
const digests = new WeakMap<Requirements, Sha256>();

function digestOf(requirements: Requirements): Sha256 {
  const known = digests.get(requirements) ?? sha256Hex(canonicalJsonBytes(requirements));
  digests.set(requirements, known);
  return known;
}

/**
 * Evaluates the gates of a step again, from the archived evidence by the archived policy. Answers what is wrong in
 * sentences; none where report and summary come out as they were recorded, by what made them then. Throws
 * `newer-version`.
 */
async function evaluateAgain(
  { record, after, requirements }: Step,
  manifest: FreezeManifest,
  read: ReadDocument,
  { policyOf, generations, elsewhere }: GatesAgain,
): Promise<readonly string[]> {
  const wasmDigest = attachmentNamed(record, "gates.wasm").sha256;
  const wasm = await read(wasmDigest);
  if (wasm === undefined || requirements === undefined) return ["The policy that judged is not in the pack."];
  if (requirements.gates.wasm !== wasmDigest)
    return ["The policy in the pack is not the one that the requirements name."];
  const evidence = new Map<string, Uint8Array>();
  const computedDigests = new Map<string, Sha256>();
  for (const copy of after.frozen ?? []) {
    // The key of a frozen copy holds the digest that its bytes had (see the step that freezes).
    const digest = /^frozen\/([0-9a-f]{64})\//.exec(copy.key)?.[1];
    if (digest !== undefined) computedDigests.set(copy.name, digest as Sha256);
  }
  const { thresholds, added } = judgedInShadow(
    (requirements.gates.thresholds ?? undefined) as GateThresholds | undefined,
    requirements.rule.shadow,
    after,
  );
  const brought = record.attachments.find(({ name }) => name === shadowReportName)?.sha256;
  if (brought !== added[0]?.sha256)
    return ["The record of the gates brings another report of the run in shadow than there is."];
  for (const { name, sha256 } of [...manifest.evidence, ...added]) {
    const bytes = await read(sha256);
    if (bytes === undefined)
      return [`The evidence '${name}' is not in the pack, so the gates cannot be evaluated again.`];
    evidence.set(name, bytes);
    computedDigests.set(name, sha256Hex(bytes));
  }
  const [compared] = record.attachments.filter(({ name }) => name === earlierReleasesName);
  const releases = compared === undefined ? undefined : await read(compared.sha256);
  if (compared !== undefined && releases === undefined)
    return ["What was released before is not in the pack, so the comparison cannot be made again."];
  const recorded = await read(attachmentNamed(record, "gate-report.json").sha256);
  if (recorded === undefined) return ["The gate report is not in the pack."];
  const told = readJson("gate-report.json", recorded);
  const judge = madeBy("gate-report.json", versionIn(told, "reportVersion"), generations.reports);
  const judged = judge({
    manifest,
    computedDigests,
    evidence,
    added,
    thresholds,
    wasmDigest,
    evaluate: policyOf(wasm),
    // A report that says another moment than its record does not come out the same.
    now: record.at,
    releases: releases === undefined ? undefined : readEarlierReleases(releases),
  });
  const report = inOrderOf(told, judged.report);
  const wrong: string[] = [];
  if (releases !== undefined && thresholds?.champion !== undefined)
    wrong.push(
      ...(await recheckReleases(releases, { manifest, compared: thresholds.champion, generations, elsewhere })),
    );
  const outcome = after.gates?.outcome;
  if (report.outcome !== outcome) {
    wrong.push(`The gates, evaluated again, are '${report.outcome}'; '${outcome}' was recorded.`);
  }
  if (!equalBytes(canonicalJsonBytes(report), recorded)) {
    wrong.push("The gates, evaluated again, do not come to the report that was recorded.");
  }
  if (record.type === "gates")
    wrong.push(...recheckConditions(requirements, manifest, matrixFacts(judged.facts), after));
  // It is made of the report, and may be of a version that is not known here: what is wrong already is said without it.
  if (wrong.length > 0) return wrong;
  const shown = await read(attachmentNamed(record, "evidence-summary.json").sha256);
  if (shown === undefined) return ["The summary that reviewers were shown is not in the pack."];
  const summaryOf = madeBy(
    "evidence-summary.json",
    versionIn(readJson("evidence-summary.json", shown), "summaryVersion"),
    generations.summaries,
  );
  const summary = summaryOf({ manifest, ...judged, report });
  return sha256Hex(canonicalJsonBytes(summary)) === after.gates?.summary
    ? []
    : ["The evidence does not make the summary that reviewers were shown."];
}

/** Decides the matrix's conditions again, by the evidence and by what the request recorded. */
function recheckConditions(
  requirements: Requirements,
  manifest: FreezeManifest,
  evidence: EvidenceFacts,
  promotion: Promotion,
): readonly string[] {
  const { decided } = requirements;
  if (!decidedRightly(requirements)) return ["The rule that was applied is not what its conditions come to."];
  if (decided === undefined) return [];
  const conditions = [...conditionsIn(decided.rule), ...decided.passedOver.flat()];
  // What the matrix said of the model is not archived beyond this: only that nothing lower than declared was taken.
  const expected = factsAsked(conditions, {
    ...decided.facts,
    ...manifest.classification,
    ...promotion.facts,
    evidence,
  });
  return canonicalJson(expected) === canonicalJson(decided.facts)
    ? []
    : ["The conditions of the approval matrix were decided by other facts than the evidence and the request say."];
}

/**
 * The report with its findings in the order of the recorded one: that order follows the thresholds as they were written
 * down, and the archived requirements, being canonical JSON, keep their members sorted. Nothing but the order is taken.
 */
function inOrderOf(recorded: Json, report: GateReport): GateReport {
  const listed =
    typeof recorded === "object" && recorded !== null && "findings" in recorded ? recorded["findings"] : null;
  const rules = Array.isArray(listed) ? listed.map((each) => String(each?.["rule"])) : [];
  const place = ({ rule }: { readonly rule: string }) => rules.indexOf(rule);
  return { ...report, findings: report.findings.toSorted((a, b) => place(a) - place(b)) };
}
