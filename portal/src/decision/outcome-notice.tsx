import { useEffect, useRef } from "preact/hooks";
import type { Status } from "../../../core/promotion/promotion.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { SaveReceipt } from "../receipts/save-receipt.tsx";
import { recordHash } from "../routes.ts";
import { SignInAnew } from "../session/sign-in-anew.tsx";
import { SendAgain } from "../signing/send-again.tsx";
import { Digest, Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import type { DecisionOutcome } from "./record-decision.ts";

/** What became of the decision that the reader has just signed. */
export function OutcomeNotice(props: {
  readonly outcome: DecisionOutcome;
  /** Everything that happened, with its places in the ledger. */
  readonly timeline: ShownPromotion["timeline"];
  readonly status: Status;
  /** It can be decided still: the form is there, with what was typed. */
  readonly open: boolean;
  readonly onSendAgain?: () => Promise<void>;
}) {
  const { outcome, onSendAgain } = props;
  const words = messages.outcome;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "center" });
  }, [outcome]);
  switch (outcome.kind) {
    case "recorded": {
      const entry = props.timeline.find(({ id }) => id === `${outcome.promotion}/sign-off/${outcome.id}`)?.entry;
      return (
        <div class={outcome.late === undefined ? "notice good" : "notice warn"}>
          <h3 ref={heading} tabIndex={-1}>
            {words.recorded[outcome.result]}
          </h3>
          {outcome.late !== undefined && (
            <p>
              <Foreign text={outcome.late} />
            </p>
          )}
          <dl>
            <dt>{words.id}</dt>
            <dd>
              <Digest value={outcome.id} />
            </dd>
            <dt>{words.at}</dt>
            <dd>
              <Time at={outcome.recordedAt} />
            </dd>
            <dt>{words.ledger}</dt>
            <dd>
              {entry === undefined ? words.onItsWay : words.entry(entry)}
              <br />
              <a href={recordHash(outcome.promotion)}>{words.record}</a>
            </dd>
            <dt>{words.next}</dt>
            <dd>
              {outcome.late !== undefined
                ? words.nextWithout
                : outcome.result === "reject" && props.status === "rejected"
                  ? words.stopped
                  : words.nextText[outcome.result]}
            </dd>
          </dl>
          <SaveReceipt receipt={outcome.receipt} />
        </div>
      );
    }
    case "refused":
      return (
        <div class="notice bad">
          <h3 ref={heading} tabIndex={-1}>
            {outcome.again === undefined ? words.refused : words.unknown}
          </h3>
          <p>
            <Foreign text={outcome.problem.sentence} />
          </p>
          {outcome.again === undefined && <p>{props.open ? words.nothing : words.nothingOver}</p>}
          <SignInAnew problem={outcome.problem} />
          {outcome.again !== undefined && onSendAgain !== undefined && <SendAgain onSend={onSendAgain} />}
        </div>
      );
    default:
      return outcome satisfies never;
  }
}
