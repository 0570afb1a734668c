import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { sameIdentity } from "../../promotion/identity.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { startedOnLoan } from "../history/replay-loan.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { endsWithinSeconds, goesWithinSeconds } from "./verify-loans.ts";

/**
 * What was lent and ran on after its time, or after people had rejected it, and was taken back days after. A service that
 * stood still has the same records, so that they say so is no finding; whoever reads them is told.
 */
export function ranLonger(steps: readonly Step[], held: readonly HeldSignOff[]): readonly Unchecked[] {
  const given = steps.findIndex(({ record }) => record.type === "loan");
  const end = steps.slice(given + 1).find(({ after: { status } }) => status !== "loaned");
  const loan = steps[given]?.after.loan;
  if (given < 0 || loan === undefined || end?.before === undefined || !startedOnLoan(end.before)) return [];
  const { id: promotion } = end.after;
  const { at } = end.record;
  const rejectedAt = rejectionBehind(end, held);
  const [due, why] =
    rejectedAt !== undefined && rejectedAt < loan.until
      ? [rejectedAt, "was rejected at"]
      : [loan.until, "was lent until"];
  const takenBackAt = steps.at(-1)?.after.loan?.takenBackAt;
  return [
    ...(at >= addSeconds(due, endsWithinSeconds)
      ? [{ promotion, sentence: `What ${why} ${due} ran until ${at}, by the records of it.` }]
      : []),
    ...(takenBackAt !== undefined && takenBackAt >= addSeconds(at, goesWithinSeconds)
      ? [{ promotion, sentence: `What was lent until ${at} was taken back at ${takenBackAt}, by the records of it.` }]
      : []),
  ];
}

/** When the last of the rejections was given that an end comes from. */
function rejectionBehind({ record }: Step, held: readonly HeldSignOff[]): Instant | undefined {
  if (record.type !== "rejected") return undefined;
  const { by } = bodyOf("rejected", record);
  return held
    .filter(
      ({ signOff: { result, reviewer } }) => result === "reject" && by.some((each) => sameIdentity(each, reviewer)),
    )
    .map(({ signOff }) => signOff.recordedAt)
    .toSorted()
    .at(-1);
}
