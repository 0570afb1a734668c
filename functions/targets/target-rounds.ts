import { type Instant, msOfInstant } from "../../core/encoding/instant.ts";

/** As long as one target may keep a run waiting for answers that do not come: six calls of ten seconds. */
const patienceMs = 60_000;
/** What took so long was no answer, whatever came of it. */
const slowMs = 8_000;
const goldenRatio = 0.618_033_988_749_894_9;

export interface TargetRounds {
  /** Does what is to be done in a target, unless it did not answer for too long already. */
  attend(target: string, work: () => Promise<void>): Promise<void>;
  /** The same for many: of each target one after the other, and the targets beside each other. */
  attendAll<T>(all: readonly T[], targetOf: (each: T) => string, work: (each: T) => Promise<void>): Promise<void>;
  /** How often that failed, or was left for the next run. */
  readonly failed: number;
}

/**
 * One run over all places that there are. One that fails, in whatever way, keeps no other from its turn; and where a target does
 * not answer for a minute in all, its other places are left for this run, so that whoever runs it cannot have the rest seen to by
 * nobody. Each run begins at another of its places, or the same ones would be left for ever.
 *
 * @param everySeconds how often there is such a run
 */
export function targetRounds(
  now: () => Instant,
  everySeconds: number,
  tell: (error: unknown, target: string) => void,
): TargetRounds {
  const waited = new Map<string, number>();
  const run = Math.floor(msOfInstant(now()) / 1000 / everySeconds);
  let failed = 0;

  async function attend(target: string, work: () => Promise<void>): Promise<void> {
    const before = waited.get(target) ?? 0;
    if (before >= patienceMs) {
      failed += 1;
      return;
    }
    const began = msOfInstant(now());
    const spent = () => msOfInstant(now()) - began;
    try {
      await work();
      if (spent() >= slowMs) waited.set(target, before + spent());
    } catch (error) {
      tell(error, target);
      failed += 1;
      waited.set(target, before + spent());
    }
  }

  return {
    attend,
    async attendAll(all, targetOf, work) {
      const byTarget = Map.groupBy(all, targetOf);
      await Promise.all(
        [...byTarget].map(async ([target, places]) => {
          for (const place of from(begin(run, places.length), places)) await attend(target, () => work(place));
        }),
      );
    },
    get failed() {
      return failed;
    },
  };
}

/** Wherever the last runs began, far from there: the multiples of the golden ratio leave no gap, however many places there are. */
function begin(run: number, places: number): number {
  return Math.floor(((run * goldenRatio) % 1) * places);
}

function from<T>(first: number, all: readonly T[]): readonly T[] {
  return [...all.slice(first), ...all.slice(0, first)];
}
