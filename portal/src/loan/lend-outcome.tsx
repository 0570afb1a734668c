import { useEffect, useRef } from "preact/hooks";
import type { DeedOutcome } from "../deeds/record-deed.ts";
import { messages } from "../messages/catalogue.ts";
import { SaveReceipt } from "../receipts/save-receipt.tsx";
import { SignInAnew } from "../session/sign-in-anew.tsx";
import { SendAgain } from "../signing/send-again.tsx";
import { Foreign } from "../ui/text.tsx";

export type LoanOutcome = Extract<DeedOutcome, { readonly about: "loan" }>;

/** What became of the lender's signature that was just given. */
export function LendOutcome(props: { readonly outcome: LoanOutcome; readonly onSendAgain?: () => Promise<void> }) {
  const { outcome, onSendAgain } = props;
  const { deed, problem } = outcome;
  const unknown = problem !== undefined && outcome.again !== undefined;
  const words = messages.loan;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "center" });
  }, [outcome]);
  return (
    <div class={`notice ${problem === undefined ? "good" : "bad"}`}>
      <h3 ref={heading} tabIndex={-1}>
        {problem === undefined ? words.done[deed].heading : unknown ? words.unknown : words.refused}
      </h3>
      <p>{problem === undefined ? words.done[deed].text : <Foreign text={problem.sentence} />}</p>
      {problem !== undefined && !unknown && <p>{words.nothing}</p>}
      {problem !== undefined && <SignInAnew problem={problem} />}
      {unknown && onSendAgain !== undefined && <SendAgain onSend={onSendAgain} />}
      {outcome.problem === undefined && <SaveReceipt receipt={outcome.receipt} />}
    </div>
  );
}
