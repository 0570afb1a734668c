import { utf8 } from "../encoding/bytes.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { by } from "../encoding/text-order.ts";
import { Failure } from "../failure.ts";
import type { EvidenceFacts } from "../promotion/promotion.ts";
import type { Facts } from "./facts.ts";

/**
 * What the approval matrix may decide by: each metric's readings, by its name, in an order that does not depend on that
 * of the documents. A value that could not be read is a gap of the gates and no reading here.
 */
export function matrixFacts(facts: Pick<Facts, "metrics" | "plans">): EvidenceFacts {
  const byName = Map.groupBy(facts.metrics, ({ name }) => name);
  const readings = [...byName].map(([name, metrics]): [string, readonly number[]] => [
    name,
    [...new Set(metrics.map(({ value }) => value).toSorted((a, b) => a - b))],
  ]);
  return {
    metrics: Object.fromEntries(readings.toSorted(by(([name]) => name))),
    ...(facts.plans.length === 0
      ? {}
      : { infrastructureChanges: facts.plans.reduce((sum, { changes }) => sum + changes.length, 0) }),
  };
}

/**
 * What is kept is a part of the promotion, whose item has 400 KB, and whose history goes on:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const mostBytes = 200_000;
/** The name of a member has 64 KB. */
const mostNameBytes = 60_000;

/** Why all this cannot be kept with a promotion, as people read it; `undefined` where it can. */
export function whyNotKept({ metrics }: Pick<EvidenceFacts, "metrics">): Failure | undefined {
  const names = Object.keys(metrics);
  const longest = Math.max(0, ...names.map((name) => utf8(name).byteLength));
  if (longest > mostNameBytes)
    return tooMuch(`a metric by a name of ${longest} bytes`, `a name of at most ${mostNameBytes}`);
  const bytes = canonicalJsonBytes(metrics).byteLength;
  return bytes > mostBytes
    ? tooMuch(`${names.length} metrics, ${bytes} bytes with their names`, `at most ${mostBytes} bytes of them`)
    : undefined;
}

function tooMuch(states: string, most: string): Failure {
  const sentence = `The evidence states ${states}, and ${most} can be kept with a promotion. Hand in those that people or rules ask for.`;
  return new Failure("invalid-evidence", sentence);
}
