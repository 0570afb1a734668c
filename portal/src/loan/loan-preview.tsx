import { titleOf } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import type { LoanStatement } from "../../../core/attestation/loan-statement.ts";
import { waitsBeyond } from "../../../core/promotion/traffic.ts";
import { messages } from "../messages/catalogue.ts";
import { StatementPreview } from "../signing/statement-preview.tsx";
import { durationWords } from "../ui/number.ts";
import { Foreign } from "../ui/text.tsx";
import { Incident } from "./incident.tsx";
import type { ShownRequest } from "./lending.ts";
import { loanDeedOf } from "./pending-loan.ts";

/** A lender's signature before it is given. */
export function LoanPreview(props: {
  readonly statement: LoanStatement;
  readonly roles: Matrix["roles"];
  /** The request that it confirms, where it confirms one. */
  readonly confirms: ShownRequest["request"] | undefined;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { statement, confirms } = props;
  const { model, target, terms, role, reason } = statement.predicate;
  const words = messages.loan.sign;
  const candidate = messages.review.title(model.name, model.version, target.name);
  const lasting = durationWords(terms.seconds);
  const title = titleOf(props.roles, role);
  const waits = waitsBeyond(target.traffic, terms.seconds);
  return (
    <StatementPreview {...props} reason={reason} button={words.button[loanDeedOf(statement)]}>
      <p>
        <Foreign
          text={
            confirms === undefined
              ? words.ask(candidate, lasting, title)
              : words.confirm(candidate, lasting, title, confirms.lender)
          }
        />
      </p>
      {waits !== undefined && <p class="notice warn">{words.tooShort(durationWords(waits))}</p>}
      <p>
        {messages.loan.given.incident}: <Incident address={terms.incident} />
      </p>
    </StatementPreview>
  );
}
