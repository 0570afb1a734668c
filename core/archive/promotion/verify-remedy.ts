import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import { recheckDeploymentEnd } from "./verify-deployment.ts";

/**
 * What is wrong with what was done about a model that drifted: it is what the record of the drift had announced, and is
 * done only once it began. What serves instead was approved by its own records.
 */
export async function recheckRemedy({ record, before }: Step, read: ReadDocument): Promise<string | undefined> {
  const { remedy, because, state, to, verdict } = bodyOf("remedy", record);
  const facts = (before?.history ?? []).map((fact) => ({ ...fact, recordVersion: 1 as const }));
  const drift = facts.find(({ type }) => type === "drift");
  const announced = drift === undefined ? undefined : bodyOf("drift", drift);
  const expected = because === "drift" ? announced?.action : announced?.unlessReapproved;
  if (expected !== remedy)
    return `'${remedy}' was done about it, and '${expected ?? "keep"}' was announced when it drifted.`;
  const begun = facts.findLast(({ type, body }) => type === "remedy" && body["state"] === "started");
  if (state === "started") {
    const names = to !== undefined && verdict !== undefined;
    return names === (remedy === "previous") ? undefined : "What is to serve instead is not named, or should not be.";
  }
  if (state === "failed") return undefined;
  if (begun?.body["remedy"] !== remedy) return "It is said to be done, and never began.";
  return await recheckDeploymentEnd(record, read);
}
