import { useEffect, useRef } from "preact/hooks";
import { isUnjudged } from "../api/client.ts";
import type { DeedOutcome } from "../deeds/record-deed.ts";
import { messages } from "../messages/catalogue.ts";
import { SaveReceipt } from "../receipts/save-receipt.tsx";
import { Foreign } from "../ui/text.tsx";

export type LoanOutcome = Extract<DeedOutcome, { readonly about: "loan" }>;

/** What became of the lender's signature that was just given. */
export function LendOutcome({ outcome }: { readonly outcome: LoanOutcome }) {
  const { deed, problem } = outcome;
  const words = messages.loan;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <div class={`notice ${problem === undefined ? "good" : "bad"}`}>
      <h3 ref={heading} tabIndex={-1}>
        {problem === undefined ? words.done[deed].heading : isUnjudged(problem) ? words.unknown : words.refused}
      </h3>
      <p>{problem === undefined ? words.done[deed].text : <Foreign text={problem.sentence} />}</p>
      {problem !== undefined && <p>{isUnjudged(problem) ? words.unknownText : words.nothing}</p>}
      {outcome.problem === undefined && <SaveReceipt receipt={outcome.receipt} />}
    </div>
  );
}
