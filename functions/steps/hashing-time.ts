import { type Instant, msOfInstant } from "../../core/encoding/instant.ts";
import { isLarge, type Sized } from "../../core/promotion/artifact-sizes.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** Past these seconds no other file is begun: the function has 900, and 5 GiB take 90 of them at 60 MB/s. */
const secondsForFiles = 300;
/** Large ones are hashed in one run, and may take nearly all of its time. */
const secondsForLarge = 60;

/** What a step that hashes a candidate's files is given beside who is promoted. */
export interface HashingInput {
  readonly promotionId: PromotionId;
  /** So many artifacts, in hashing order, were hashed in earlier runs of the step. */
  readonly hashed?: number;
  /** Answers that its execution knows: for one that began under a definition of before everything is hashed in one run. */
  readonly understands?: readonly string[];
}

/**
 * The time that one run of a step has for hashing a candidate's files, which come in hashing order. Counts from now, and lets at
 * least one file be hashed that was not hashed before, so that it is whole some time.
 *
 * @param before how many files earlier runs have hashed
 */
export function hashingTime(now: () => Instant, before: number) {
  const began = msOfInstant(now());
  let largeBegan = false;
  return {
    /** Whether the file at place `at` is left to the next run. */
    isOver(file: Pick<Sized, "size">, at: number): boolean {
      const seconds = (msOfInstant(now()) - began) / 1000;
      if (at <= before) largeBegan ||= isLarge(file);
      else if (!isLarge(file)) return seconds >= secondsForFiles;
      else largeBegan ||= seconds < secondsForLarge;
      return isLarge(file) && !largeBegan;
    },
  };
}

export type HashingTime = ReturnType<typeof hashingTime>;
