import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { earlierRelease, servingSince } from "../../../core/gates/earlier-releases.ts";
import type { EarlierRelease } from "../../../core/gates/facts.ts";
import type { ChampionThresholds } from "../../../core/gates/thresholds.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { candidateFiles } from "../candidate-files.ts";

export interface ReleasesPorts {
  /** Promotions of a model in a target, the last submitted first. */
  readonly promotions: {
    list(
      filter: { readonly model: string; readonly target: string },
      limit: number,
      from?: string,
    ): Promise<{ readonly promotions: readonly Promotion[]; readonly next?: string }>;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

const page = 25;

/**
 * What was released before a candidate, the champion first, from each release's own evidence. An empty list is the
 * statement that nothing was.
 */
export function earlierReleases(ports: ReleasesPorts) {
  return async ({ manifest, id }: Promotion, compared: ChampionThresholds): Promise<readonly EarlierRelease[]> => {
    const filter = { model: manifest.model.name, target: manifest.target.name };
    const released: { readonly promotion: Promotion; readonly at: NonNullable<ReturnType<typeof servingSince>> }[] = [];
    let from: string | undefined;
    do {
      const { promotions, next } = await ports.promotions.list(filter, page, from);
      for (const promotion of promotions) {
        const at = servingSince(promotion);
        if (at !== undefined && promotion.id !== id) released.push({ promotion, at });
      }
      from = next;
    } while (from !== undefined && released.length < compared.releases);
    const newest = released.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, compared.releases);
    const read: EarlierRelease[] = [];
    for (const { promotion, at } of newest) {
      read.push(earlierRelease(promotion, at, await candidateFiles(promotion, ports.blobs), compared));
    }
    return read;
  };
}
