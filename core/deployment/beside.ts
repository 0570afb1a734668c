import type { Instant } from "../encoding/instant.ts";
import { durationWords } from "../encoding/policy-file.ts";
import { isLent, loanIn } from "../promotion/lending.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { type DueRemedy, dueRemedy } from "../promotion/restriction.ts";
import { type Release, secondsBeside } from "../promotion/traffic.ts";

/** What answers now, for a release that is to begin: it may answer beside it for a time, and is what would be gone back to. */
export type Ground =
  | { readonly kind: "sound" }
  /** It is being taken back at this moment. */
  | { readonly kind: "leaving"; readonly why: string }
  | { readonly kind: "refused"; readonly why: string };

/** For so long what is to make place may answer beside what takes it: a remedy waits for such a release as well. */
const patienceSeconds = 3600;

/**
 * Whether a release may begin upon what answers now.
 * @param again the promotion that asks to let what is restricted run on, where there is one
 */
export function groundFor(
  { traffic }: Pick<Release, "traffic">,
  there: Promotion,
  again: Promotion | undefined,
  now: Instant,
): Ground {
  const { version } = there.manifest.model;
  const why = whyItMustGo(there, again, now);
  if (isLent(there)) {
    // However short the release is: its way back would be to what nobody approved, and is removed with the loan.
    if (why !== undefined) return { kind: "leaving", why: `${version}, which answers there, ${why}` };
    return {
      kind: "refused",
      why: `${version}, which answers there, is on loan until ${loanIn(there).until}: nothing could go back to it. Ratify it, reject it, or let its loan end, and submit this one again.`,
    };
  }
  const seconds = secondsBeside(traffic);
  if (why === undefined || seconds <= patienceSeconds) return { kind: "sound" };
  return {
    kind: "refused",
    why: `${version}, which answers there, ${why}, and would go on answering a part of the requests for ${durationWords(seconds)}. Submit this one again once it is gone, or to be released sooner.`,
  };
}

/** Why what answers may not go on, in words that follow its version; `undefined`: it may. `again` as above. */
export function whyItMustGo(there: Promotion, again: Promotion | undefined, now: Instant): string | undefined {
  if (isLent(there)) {
    const { until } = loanIn(there);
    return there.status === "loaned" && now < until ? undefined : `ran on a loan that is over (${until})`;
  }
  const due = dueRemedy(there, again, now);
  return due === undefined ? undefined : `${reasons[due.because]} and is to make place`;
}

const reasons = { drift: "drifted", "not-reapproved": "was not approved again" } as const satisfies Readonly<
  Record<DueRemedy["because"], string>
>;
