import { titleOf } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import type { SignOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import { conditionsText } from "../../../core/promotion/release-conditions.ts";
import { messages } from "../messages/catalogue.ts";
import { StatementPreview } from "../signing/statement-preview.tsx";
import { Foreign } from "../ui/text.tsx";

/** A decision before it is signed. */
export function DecisionPreview(props: {
  readonly statement: SignOffStatement;
  readonly roles: Matrix["roles"];
  /** The name of the person in whose place it is given. */
  readonly inPlaceOf: string | undefined;
  /** The candidate runs on loan. */
  readonly lent: boolean;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { result, model, target, roles: as, reason, conditions } = props.statement.predicate;
  const words = messages.decide.sign;
  const candidate = messages.review.candidate(model.name, model.version, target.name);
  const titles = as.map((role) => titleOf(props.roles, role));
  return (
    <StatementPreview {...props} reason={reason} button={words.button[result]}>
      <p>
        <Foreign
          text={
            result === "withdraw"
              ? words.withdrawLead(candidate)
              : words.lead(result, candidate, titles, props.inPlaceOf)
          }
        />
      </p>
      {result === "approve" && props.lent && <p>{words.ratifies}</p>}
      {conditions !== undefined && <p>{words.conditions(conditionsText(conditions))}</p>}
    </StatementPreview>
  );
}
