import * as v from "valibot";
import { type Measured, whyBeyond } from "../../deployment/measured-bounds.ts";
import { alarmNamesOf, ownBoundsOf } from "../../deployment/own-alarms.ts";
import type { OwnBounds } from "../../promotion/traffic.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { jsonOf } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import { deploymentDocument } from "./verify-deployment.ts";

const readings = v.array(v.object({ name: v.string(), state: v.string(), raisedAt: v.exactOptional(v.string()) }));
const count = v.exactOptional(v.number());
const measured = v.object({ requests: count, errors: count, p95Milliseconds: count });
const document = v.object({ alarms: v.exactOptional(readings), measured: v.exactOptional(measured) });

/**
 * Why a release did not come so far by what watched it, as its own record keeps that: a service takes a release back whose alarm is
 * raised, was raised meanwhile or is gone, or of which more was measured than its bounds let be. Whether alarms and
 * measurements are true is for whoever keeps them to say; what a pipeline or a service of others watches, they tell in their own words.
 */
export async function recheckWatched({ record, before, after }: Step, read: ReadDocument): Promise<string | undefined> {
  if (record.type !== "deployed" && record.type !== "traffic-shifted") return undefined;
  const begun = before?.history.findLast(({ type }) => type === "deployment-started");
  const { kind } = after.manifest.target;
  if (begun === undefined || (!watchedByAlarms.has(kind) && kind !== "kubernetes")) return undefined;
  // That nothing was kept was said already.
  if (!record.attachments.some(({ name }) => name === deploymentDocument)) return undefined;
  const { release } = bodyOf("release", { ...begun, recordVersion: 1 });
  const bytes = await read(attachmentNamed(record, deploymentDocument).sha256);
  // That it is missing was said already.
  if (bytes === undefined) return undefined;
  const json = jsonOf(bytes);
  const said = v.safeParse(document, json.kind === "value" ? json.value : undefined);
  if (!said.success) return `${deploymentDocument} does not say what watched it in a form that is known here.`;
  const why = watchedByAlarms.has(kind)
    ? whyRaised(said.output.alarms ?? [], alarmNamesOf(after.id, release))
    : whyMeasured(said.output.measured, ownBoundsOf(release.alarms));
  return why === undefined ? undefined : `It is recorded as ${record.type}, although ${why}.`;
}

const watchedByAlarms: ReadonlySet<string> = new Set(["sagemaker-endpoint", "sagemaker-inference-component"]);

function whyRaised(alarms: v.InferOutput<typeof readings>, names: readonly string[]): string | undefined {
  const ill = alarms.find(({ state, raisedAt }) => state === "ALARM" || state === "missing" || raisedAt !== undefined);
  if (ill !== undefined)
    return `its alarm '${ill.name}' ${ill.state === "missing" ? "was gone" : ill.state === "ALARM" ? "was raised" : `had been raised at ${ill.raisedAt}`}`;
  const unread = names.find((name) => !alarms.some((each) => each.name === name));
  return unread === undefined ? undefined : `nothing says how its alarm '${unread}' stood`;
}

function whyMeasured(said: Measured | undefined, bounds: OwnBounds): string | undefined {
  if (bounds.errorPercent === undefined && bounds.p95Milliseconds === undefined) return undefined;
  if (said === undefined) return "nothing says what was measured of it";
  const why = whyBeyond(bounds, said);
  return why === undefined ? undefined : `it ${why}`;
}
