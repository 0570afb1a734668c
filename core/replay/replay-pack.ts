import { documentCache, documents, recordsAt } from "../archive/pack/pack-documents.ts";
import { manifestPath, recordFolder, recordIndex } from "../archive/pack/pack-layout.ts";
import { readPackManifest } from "../archive/pack/pack-manifest.ts";
import { isOfDelegation } from "../archive/pack/pack-scope.ts";
import { namesOf, type PackSource, readWhole } from "../archive/zip/pack-source.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { pastDelegations } from "./past-delegations.ts";
import { pastPromotion } from "./past-promotion.ts";
import { type ReplayPolicy, replayUnder } from "./replay-promotion.ts";
import { type PolicyReplay, tally } from "./tally.ts";

/**
 * Runs policies over the history in an audit pack: every promotion with the evidence and the signatures that were
 * archived. The pack is not verified here. Throws `pack-invalid` where it is no pack.
 */
export async function replayPack(source: PackSource, context: ReplayPolicy): Promise<PolicyReplay> {
  const manifest = await readWhole(source, manifestPath);
  if (manifest === undefined) throw new Failure("pack-invalid", "The pack has no manifest.json.");
  const leftOut = new Set<Sha256>(readPackManifest(manifest).documentsLeftOut.map(({ sha256 }) => sha256));
  const wrong = new Set<string>();
  const found = (_: string, path: string) => void wrong.add(path);
  const cache = documentCache();
  const sums = tally(context.policy, context.members);
  let unread = 0;
  const { byPromotion, ofDelegations } = await indicesIn(source);
  const delegations = await pastDelegations(
    await recordsAt(ofDelegations, source),
    documents(source, leftOut, found, cache),
  );
  for (const [promotion, indices] of byPromotion) {
    const read = documents(source, leftOut, found, cache);
    const past = await pastPromotion(promotion, await recordsAt(indices, source), read, found, delegations);
    if (past === undefined) unread += 1;
    else sums.add(past, replayUnder(past, context));
  }
  return sums.result([
    "The pack was not verified here: 'countersign verify' does that.",
    "Minimum review times were not played again: they put a decision off and change none.",
    ...(context.members === undefined
      ? ["No directory was given: an author whom nobody knows blocks nothing here, and holders are those who signed."]
      : []),
    ...(unread === 0 ? [] : [`${unread} promotions could not be read.`]),
    ...(wrong.size === 0 ? [] : [`${wrong.size} files of the pack are not as they should be.`]),
  ]);
}

async function indicesIn(source: PackSource): Promise<{
  readonly byPromotion: ReadonlyMap<PromotionId, readonly number[]>;
  readonly ofDelegations: readonly number[];
}> {
  const indices: number[] = [];
  for (const name of namesOf(source, recordFolder)) {
    const index = recordIndex(name);
    if (index !== undefined) indices.push(index);
  }
  const byPromotion = new Map<PromotionId, number[]>();
  const ofDelegations: number[] = [];
  for (const index of indices.sort((a, b) => a - b)) {
    const [each] = await recordsAt([index], source);
    if (isOfDelegation(each?.record)) ofDelegations.push(index);
    const promotion = each?.record.promotion;
    if (promotion === undefined) continue;
    const known = byPromotion.get(promotion);
    if (known === undefined) byPromotion.set(promotion, [index]);
    else known.push(index);
  }
  return { byPromotion, ofDelegations };
}
