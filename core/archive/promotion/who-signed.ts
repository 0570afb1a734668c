import type { Sha256 } from "../../encoding/sha256.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { attempt, type Found } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import { recordPath } from "../pack/pack-layout.ts";
import { saidToBeKept, verifyKeptSignOff, verifyUnkept } from "../people/verify-kept-sign-offs.ts";
import { type HeldLender, verifyLender } from "../people/verify-lender.ts";
import { type HeldSignOff, type ToldSignOff, verifySignOff } from "../people/verify-sign-offs.ts";
import type { PromotionInput } from "./promotion-input.ts";

/**
 * The sign-offs of a promotion that hold, and those that were kept for it; and what cannot be told yet of any of them, of those that
 * count nowhere as well. `told`: what each says, by the place of its record.
 */
export async function signOffsOf(
  { records, read, trust, leftOut }: PromotionInput,
  steps: readonly Step[],
  told: Map<number, ToldSignOff>,
  found: Found,
): Promise<{ readonly given: readonly HeldSignOff[]; readonly untold: readonly string[] }> {
  const held: HeldSignOff[] = [];
  const untold: string[] = [];
  for (const each of records.filter(({ record }) => record.type === "sign-off")) {
    const sign = await attempt("sign-off-invalid", recordPath(each.index), found, async () => {
      const without = leftOut.has(attachmentNamed(each.record, "id-token.jwt").sha256);
      return await verifySignOff(each, steps, read, trust, without);
    });
    if (sign === undefined) continue;
    held.push(sign);
    told.set(each.index, sign.told);
  }
  const kept = saidToBeKept(steps);
  const proved = new Set<Sha256>();
  for (const each of records.filter(({ record }) => record.type === "sign-off-kept")) {
    const path = recordPath(each.index);
    await attempt("sign-off-invalid", path, found, async () => {
      const { signOff } = bodyOf("sign-off-kept", each.record);
      const said = kept.get(signOff);
      const without = leftOut.has(attachmentNamed(each.record, "id-token.jwt").sha256);
      // Written before the promotion that would rest on it, and that one was ended by somebody else: it counts nowhere.
      if (said === undefined) {
        untold.push(...(await verifyUnkept(each, read, trust, without)));
        return;
      }
      held.push(await verifyKeptSignOff(each, said, read, trust, without));
      proved.add(signOff);
    });
  }
  for (const { path, signOff } of keptTwice(steps))
    found("sign-off-invalid", path, `The sign-off ${signOff} is said to be kept twice.`);
  for (const [signOff, { step }] of kept) {
    if (proved.has(signOff)) continue;
    found(
      "sign-off-invalid",
      recordPath(step.index),
      `The sign-off ${signOff} is said to be kept, and nothing proves it.`,
    );
  }
  return { given: held, untold: [...held.flatMap((each) => each.untold ?? []), ...untold] };
}

/** Of one sign-off there is one record that it is kept, so whatever is said of it besides would be proved by nothing. */
function keptTwice(steps: readonly Step[]): readonly { readonly path: string; readonly signOff: Sha256 }[] {
  return steps.flatMap(({ record, index }) => {
    if (record.type !== "supersedes") return [];
    const ids = bodyOf("supersedes", record).kept.map(({ signOff }) => signOff);
    const once = new Set<Sha256>();
    const again = new Set(ids.filter((id) => once.size === once.add(id).size));
    return [...again].map((signOff) => ({ path: recordPath(index), signOff }));
  });
}

/** Whoever asked for its loan, or lent, with a signature that holds. */
export async function lendersOf(
  { records, read, trust, leftOut }: PromotionInput,
  steps: readonly Step[],
  found: Found,
): Promise<readonly HeldLender[]> {
  const lenders: HeldLender[] = [];
  for (const each of records.filter(({ record }) => record.type === "loan-requested")) {
    const held = await attempt("loan-invalid", recordPath(each.index), found, async () => {
      const without = leftOut.has(attachmentNamed(each.record, "id-token.jwt").sha256);
      return await verifyLender(each, steps, read, trust, without);
    });
    if (held !== undefined) lenders.push(held);
  }
  return lenders;
}
