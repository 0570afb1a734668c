import { policyModelType } from "../approval/matrix.ts";
import { Failure } from "../failure.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { bodyOf } from "./documents/fact-bodies.ts";
import { type LanesTold, laneName } from "./documents/lane-name.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import { recordsAt } from "./pack/pack-documents.ts";
import { holdsWholeLog, type PackManifest } from "./pack/pack-manifest.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import type { PackSource } from "./zip/pack-source.ts";

/**
 * Of which lanes all is told: of none in a part of the log. One promotion of which something is wrong must not be held against
 * the others of its lane, nor keep those of another from being held against each other.
 */
export async function lanesTold(
  {
    source,
    manifest,
    inspected,
    options,
  }: {
    readonly source: PackSource;
    readonly manifest: PackManifest;
    readonly inspected: Pick<InspectedRecords, "byPromotion" | "promotions">;
    readonly options: Pick<VerifyPackOptions, "since">;
  },
  unsound: ReadonlySet<PromotionId>,
): Promise<LanesTold> {
  if (!holdsWholeLog(manifest) || options.since !== undefined) return () => false;
  const places = new Map(inspected.promotions.map(({ verdict, place }) => [verdict.promotion, place?.lane]));
  const untold = new Set<string>();
  for (const promotion of unsound) {
    // What it was frozen for, and what it asked for: where they differ, either may be a lie.
    const frozen = places.get(promotion);
    const asked = await askedIn(source, inspected.byPromotion.get(promotion) ?? []);
    if (asked === undefined || (frozen === undefined && !asked.ofPolicies)) return () => false;
    for (const lane of [frozen, asked.lane]) if (lane !== undefined) untold.add(lane);
  }
  return (lane) => !untold.has(lane);
}

/** For which lane a promotion was asked for; `undefined` where that cannot be read. */
async function askedIn(
  source: PackSource,
  indices: readonly number[],
): Promise<{ readonly lane: string; readonly ofPolicies: boolean } | undefined> {
  for (const index of indices) {
    for (const { record } of await recordsAt([index], source)) {
      if (record.type !== "request") continue;
      try {
        const { model, target } = bodyOf("request", record);
        return { lane: laneName(model.name, target), ofPolicies: model.type === policyModelType };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return undefined;
      }
    }
  }
  return undefined;
}
