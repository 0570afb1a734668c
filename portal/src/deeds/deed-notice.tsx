import { useEffect, useRef } from "preact/hooks";
import { isUnjudged } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import { SaveReceipt } from "../receipts/save-receipt.tsx";
import { Foreign } from "../ui/text.tsx";
import type { DeedOutcome } from "./record-deed.ts";

/** What became of a deed that the reader comes back from signing: `done`, unless there was a problem. Takes the focus. */
export function DeedNotice({ done, outcome }: { readonly done: string; readonly outcome: DeedOutcome }) {
  const words = messages.deed;
  const notice = useRef<HTMLHeadingElement>(null);
  useEffect(() => notice.current?.focus(), []);
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
  const { problem } = outcome;
  return (
    <div class="notice bad">
      <h2 class="told" ref={notice} tabIndex={-1}>
        {isUnjudged(problem) ? words.unknown : words.refused}
      </h2>
      <p>
        <Foreign text={problem.sentence} />
      </p>
      {isUnjudged(problem) && <p>{words.unknownText}</p>}
    </div>
  );
}
