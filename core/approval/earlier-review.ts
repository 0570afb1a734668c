import { cutText } from "../encoding/cut-text.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact } from "../promotion/fact.ts";
import { advance } from "../promotion/life-cycle.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { KeptInReview } from "./carry-over.ts";

/** What every record of judged gates brings; whatever else it has is what they judged by beside the manifest. */
const always: readonly string[] = [
  "gate-report.json",
  "evidence-summary.json",
  "requirements.json",
  "policies.json",
  "people.yaml",
  "channels.yaml",
  "gates.wasm",
];

/** The documents that gates were judged by beside the manifest and the policies, by name, from their record. */
export function judgedBeside({ attachments }: Pick<Fact, "attachments">): ReadonlyMap<string, Sha256> {
  return new Map(attachments.flatMap(({ name, sha256 }) => (always.includes(name) ? [] : [[name, sha256] as const])));
}

/**
 * A promotion as sign-offs of one of its reviews name it, from its history: pinned to what that review was judged by.
 * `undefined` where its gates never passed in such a review.
 */
export function asInReview(
  promotion: Promotion,
  review: number,
): { readonly promotion: Promotion; readonly beside: ReadonlyMap<string, Sha256> } | undefined {
  let current = 1;
  let judged: Fact | undefined;
  for (const fact of promotion.history) {
    if (fact.type === "gates" && current === review) judged = fact;
    if (beginsAnother(fact)) current += 1;
  }
  if (judged === undefined) return undefined;
  const [report, summary, requirements] = always.map((name) => judged.attachments.find((each) => each.name === name));
  if (report === undefined || summary === undefined || requirements === undefined) return undefined;
  return {
    promotion: {
      ...promotion,
      review,
      requirements: { sha256: requirements.sha256 },
      gates: { outcome: "passed", report: report.sha256, summary: summary.sha256 },
    },
    beside: judgedBeside(judged),
  };
}

/** As `asInReview`, the last one before the review that it is in; in between there may be some whose gates never passed. */
export function reviewBefore(promotion: Promotion): ReturnType<typeof asInReview> {
  for (let review = promotion.review - 1; review > 0; review -= 1) {
    const found = asInReview(promotion, review);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a fact sends a promotion back to its gates, into its next review. */
function beginsAnother({ type, body }: Fact): boolean {
  return type === "seat-reopened" && "from" in body;
}

/** Whether it was told already what of the review before is kept for the one that a promotion is in. */
export function keptIsTold({ history, review }: Pick<Promotion, "history" | "review">): boolean {
  return history.some(({ type, body }) => type === "seat-reopened" && "kept" in body && body["review"] === review);
}

/** The promotion with what is kept of its last review, and what fell with the reason, told to those whose signatures fell. */
export function withReviewKept(promotion: Promotion, { kept, fallen, moved }: KeptInReview, at: Fact["at"]): Promotion {
  const here = (promotion.carried ?? []).filter(({ review }) => review === promotion.review);
  const carried = [...here, ...kept];
  const givenTo = [...new Set(fallen.map(({ signOff }) => signOff.promotion))];
  const counts = kept.map(({ signOff: { id, reviewerName, result }, roles }) => {
    if (result !== "reject") return ` What ${reviewerName} signed as ${roles.join(", ")} is kept.`;
    const place = moved.find(({ signOff }) => signOff === id);
    return place === undefined
      ? ` That ${reviewerName} rejected it stands.`
      : ` That ${reviewerName} rejected it in the stage '${place.from}', which is gone, stands in the stage '${place.to}'.`;
  });
  const falls = fallen.map(
    ({ signOff, why }) => ` What ${signOff.reviewerName} signed falls: ${signOff.reviewerName} ${why}.`,
  );
  return advance(
    promotion,
    {
      carried: carried.length === 0 ? undefined : carried,
      invalidated: [...promotion.invalidated, ...fallen.map(({ signOff, why }) => ({ signOff: signOff.id, why }))],
    },
    {
      type: "seat-reopened",
      at,
      summary: cutText(`The gates passed again.${counts.join("")}${falls.join("")}`, 4000),
      body: {
        review: promotion.review,
        ...(givenTo.every((id) => id === promotion.id) ? {} : { promotions: givenTo.map((id) => ({ id })) }),
        kept: kept.map(({ signOff, stage, roles, review }) => ({ signOff: signOff.id, stage, roles, review })),
        fallen: fallen.map(({ signOff, why }) => ({ signOff: signOff.id, why })),
      },
      attachments: [],
    },
  );
}
