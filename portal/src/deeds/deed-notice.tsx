import { useEffect, useRef } from "preact/hooks";
import { messages } from "../messages/catalogue.ts";
import { SaveReceipt } from "../receipts/save-receipt.tsx";
import { SignInAnew } from "../session/sign-in-anew.tsx";
import { SendAgain } from "../signing/send-again.tsx";
import { Foreign } from "../ui/text.tsx";
import type { DeedOutcome } from "./record-deed.ts";

/** What became of a deed that the reader comes back from signing: `done`, unless there was a problem. Takes the focus. */
export function DeedNotice(props: {
  readonly done: string;
  readonly outcome: DeedOutcome;
  readonly onSendAgain: (() => Promise<void>) | undefined;
}) {
  const { done, outcome, onSendAgain } = props;
  const words = messages.deed;
  const notice = useRef<HTMLHeadingElement>(null);
  useEffect(() => notice.current?.focus(), [outcome]);
  if (outcome.problem === undefined) {
    return (
      <div class="notice good">
        <h2 class="told" ref={notice} tabIndex={-1}>
          {done}
        </h2>
        <SaveReceipt receipt={outcome.receipt} />
      </div>
    );
  }
  const { problem, again } = outcome;
  return (
    <div class="notice bad">
      <h2 class="told" ref={notice} tabIndex={-1}>
        {again === undefined ? words.refused : words.unknown}
      </h2>
      <p>
        <Foreign text={problem.sentence} />
      </p>
      <SignInAnew problem={problem} />
      {again !== undefined && onSendAgain !== undefined && <SendAgain onSend={onSendAgain} />}
    </div>
  );
}
