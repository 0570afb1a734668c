import * as v from "valibot";
import { leastSeconds } from "../../deployment/release.ts";
import { fallenByBreach } from "../../deployment/reopen.ts";
import { heldShare, standingOf, whyTooEarly } from "../../deployment/weights.ts";
import { sameJson } from "../../encoding/canonical-json.ts";
import { addSeconds } from "../../encoding/instant.ts";
import { durationText } from "../../encoding/policy-file.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { WeightStep } from "../../promotion/traffic.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";

/** The document in which a deployment's records keep what the target and its alarms said. */
export const deploymentDocument = "deployment.json";

const document = v.object({ progress: v.string(), readAt: v.string() });

/** What the target must have said for a record to be true; a roll-back begins for many reasons. */
const required: Partial<Record<LedgerRecord["type"], string>> = {
  "traffic-shifted": "sharing",
  deployed: "serving",
  "rolled-back": "returned",
  failed: "displaced",
  "seat-reopened": "returned",
};

/**
 * Whether a record says something of a deployment that only the target can tell; policies have no target that tells, and what
 * is frozen is evidence, whatever its pipeline calls it.
 */
export function tellsOfTarget({ record: { type, body, attachments }, after }: Step): boolean {
  if (type === "freeze") return false;
  if (attachments.some(({ name }) => name === deploymentDocument)) return true;
  return type === "seat-reopened" ? "breach" in body : told.has(type) && after.manifest.target.kind !== "policy";
}

const told: ReadonlySet<LedgerRecord["type"]> = new Set(["traffic-shifted", "deployed", "rollback", "rolled-back"]);

function requiredBy(record: LedgerRecord): string | undefined {
  if (record.type !== "remedy") return required[record.type];
  return bodyOf("remedy", record).remedy === "previous" ? "serving" : "returned";
}

/** Where a record of a deployment's end does not fit what the target said, by the document that it keeps: a sentence. */
export async function recheckDeploymentEnd(record: LedgerRecord, read: ReadDocument): Promise<string | undefined> {
  if (!record.attachments.some(({ name }) => name === deploymentDocument))
    return `It is recorded as ${record.type}, and what the target said then was not kept.`;
  const { sha256 } = attachmentNamed(record, deploymentDocument);
  const bytes = await read(sha256);
  // That it is missing was said already.
  if (bytes === undefined) return undefined;
  const said = v.safeParse(document, readCanonicalJson(deploymentDocument, bytes));
  if (!said.success) return `${deploymentDocument} is not of the form that is known here.`;
  const { readAt } = said.output;
  if (readAt !== record.at) return `It is recorded at ${record.at}, and brings what the target said at ${readAt}.`;
  const expected = requiredBy(record);
  if (expected === undefined || said.output.progress === expected) return undefined;
  return `It is recorded as ${record.type}, and what the target said then is '${said.output.progress}'.`;
}

/** What was approved under conditions was watched for their time; once it was taken back, those whose approvals fall are named. */
export function recheckConditionsKept(
  { record, before, requirements }: Step,
  held: readonly HeldSignOff[],
): string | undefined {
  const begun = before?.history.findLast(({ type }) => type === "deployment-started");
  const { conditions } = begun?.body ?? {};
  switch (record.type) {
    case "traffic-shifted": {
      const steps = begun === undefined ? undefined : stepsIn(begun);
      if (steps === undefined || before === undefined)
        return "It is said to answer a part of the requests, and its release knows no part.";
      const { percent } = bodyOf("traffic-shifted", record);
      const at = addSeconds(record.at, clockToleranceSeconds);
      return standingOf(steps, heldShare(before.history), percent, at).kind === "new"
        ? undefined
        : `It is said to answer ${percent} percent of the requests, which was not its part then.`;
    }
    case "deployed": {
      if (begun === undefined || before === undefined) return undefined;
      const steps = stepsIn(begun) ?? [];
      const traffic = { kind: "weights", steps } as const;
      if (
        whyTooEarly({ traffic }, heldShare(before.history), addSeconds(record.at, clockToleranceSeconds)) !== undefined
      )
        return "It is recorded as deployed before the time of its part of the requests was over.";
      const seconds = secondsUntilDeployed({ ...begun, recordVersion: 1 });
      return addSeconds(record.at, clockToleranceSeconds) < addSeconds(begun.at, seconds)
        ? `It is recorded as deployed before the ${durationText(seconds)} were over for which it was to be watched.`
        : undefined;
    }
    case "seat-reopened": {
      const body = bodyOf("seat-reopened", record);
      if (!("breach" in body) || before === undefined || requirements === undefined) return undefined;
      if (!sameJson(body.breach, conditions ?? null))
        return "It is in review again for other conditions than it was released under.";
      // One that was kept from an earlier candidate is held as it counts here.
      const fallen = fallenByBreach(
        before,
        requirements,
        held.map(({ signOff }) => signOff).filter(({ recordedAt }) => recordedAt <= record.at),
      );
      return sameJson(body.fallen, fallen)
        ? undefined
        : "It is in review again, and other approvals were said to fall than those that do.";
    }
    default:
      return undefined;
  }
}

/** Seconds that pass at least from a deployment's beginning until it is deployed: by its conditions, and by its release. */
export function secondsUntilDeployed(begun: LedgerRecord): number {
  const { conditions } = bodyOf("deployment-started", begun);
  return Math.max(conditions?.forSeconds ?? 0, leastSeconds(bodyOf("release", begun).release));
}

/** The parts of a release by weights. */
function stepsIn(begun: Pick<LedgerRecord, "body">): readonly WeightStep[] | undefined {
  const told = v.safeParse(weighted, begun.body);
  return told.success ? told.output.release.traffic.steps : undefined;
}

const weighted = v.object({
  release: v.object({
    traffic: v.object({
      kind: v.literal("weights"),
      steps: v.array(v.strictObject({ percent: v.number(), waitSeconds: v.number() })),
    }),
  }),
});
