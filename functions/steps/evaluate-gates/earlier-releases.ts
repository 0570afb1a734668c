import { type Instant, latestFirst } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { earlierRelease, servingSince } from "../../../core/gates/earlier-releases.ts";
import type { EarlierRelease } from "../../../core/gates/facts.ts";
import type { ChampionThresholds } from "../../../core/gates/thresholds.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { requireAllRead } from "../../unreadable-promotion.ts";
import { candidateFiles } from "../candidate-files.ts";
import type { PromotionPage } from "../promotion-store.ts";

export interface ReleasesPorts {
  readonly now: () => Instant;
  readonly promotions: {
    /** Promotions of a model in a target, the last submitted first; how they stand may be of a moment ago. */
    list(
      filter: { readonly model: string; readonly target: string; readonly unreadable: "told" },
      limit: number,
      from?: string,
    ): Promise<PromotionPage>;
    load(id: PromotionId): Promise<Promotion | undefined>;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

/** What was released before a candidate, the champion first, as of an instant. An empty list is the statement that nothing was. */
export interface ReleasedBefore {
  readonly at: Instant;
  readonly releases: readonly EarlierRelease[];
}

interface Release {
  readonly promotion: Promotion;
  readonly since: Instant;
}

const page = 25;

/** Looks for what was released before a candidate, and reads each release's own evidence again. */
export function earlierReleases(ports: ReleasesPorts) {
  return async (candidate: Promotion, compared: ChampionThresholds): Promise<ReleasedBefore> => {
    const look = async (at: Instant) => ({ at, newest: await newestBefore(candidate, compared) });
    const { at, newest } = await recordedInTime(await look(ports.now()), look, ports.now);
    const releases: EarlierRelease[] = [];
    for (const { promotion, since } of newest)
      releases.push(earlierRelease(promotion, since, await candidateFiles(promotion, ports.blobs), compared));
    return { at, releases };
  };

  async function newestBefore({ manifest, id }: Promotion, compared: ChampionThresholds): Promise<readonly Release[]> {
    const filter = { model: manifest.model.name, target: manifest.target.name, unreadable: "told" } as const;
    const released: Release[] = [];
    let from: string | undefined;
    do {
      const { promotions, unreadable = [], next } = await ports.promotions.list(filter, page, from);
      requireAllRead(unreadable, "what it would take the place of");
      for (const listed of promotions) {
        if (listed.id === id || hasEnded(listed.status)) continue;
        // The list may be a moment behind what serves, and verification allows for none.
        const promotion = (await ports.promotions.load(listed.id)) ?? listed;
        const since = servingSince(promotion);
        if (since !== undefined) released.push({ promotion, since });
      }
      from = next;
    } while (from !== undefined && released.length < compared.releases);
    return latestFirst(released, ({ since }) => since).slice(0, compared.releases);
  }
}
