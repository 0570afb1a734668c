import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import type { Member } from "../../core/promotion/identity.ts";

interface Directory {
  everybody(groups: readonly string[]): Promise<readonly Member[]>;
}

/** So old may be what is shown of people. */
export const rememberedSeconds = 30;

/**
 * The directory for what only shows, such as a page that is asked for every few seconds by everybody who has it open: each
 * would list everybody, and use up what deciding needs. Nothing may be decided by it (docs/decisions/0006).
 */
export function rememberedDirectory(directory: Directory, now: () => Instant): Directory {
  const known = new Map<string, { readonly until: Instant; readonly members: Promise<readonly Member[]> }>();
  return {
    everybody: async (groups) => {
      const at = now();
      for (const [key, { until }] of known) if (until <= at) known.delete(key);
      const key = JSON.stringify([...new Set(groups)].toSorted());
      const members = known.get(key)?.members ?? directory.everybody(groups);
      if (!known.has(key)) known.set(key, { until: addSeconds(at, rememberedSeconds), members });
      try {
        return await members;
      } catch (error) {
        // Whoever comes next asks again.
        if (known.get(key)?.members === members) known.delete(key);
        throw error;
      }
    },
  };
}
