import { useEffect, useMemo, useRef } from "preact/hooks";
import { titleOf } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import { type SignOffStatement, signOffId } from "../../../core/attestation/sign-off-statement.ts";
import { conditionsText } from "../../../core/promotion/release-conditions.ts";
import { messages } from "../messages/catalogue.ts";
import { SignInButton } from "../session/sign-in-page.tsx";
import { Digest, Foreign } from "../ui/text.tsx";
import { readableStatement } from "./compose-statement.ts";

/** The exact statement and its digest, before the sign-in that signs them. */
export function StatementPreview(props: {
  readonly statement: SignOffStatement;
  readonly roles: Matrix["roles"];
  /** The name of the person in whose place it is given. */
  readonly inPlaceOf: string | undefined;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { statement, roles } = props;
  const { result, model, target, roles: as, reason, conditions } = statement.predicate;
  const words = messages.sign;
  const heading = useRef<HTMLHeadingElement>(null);
  const digest = useMemo(() => signOffId(statement), [statement]);
  useEffect(() => {
    heading.current?.focus();
  }, [statement]);
  const candidate = messages.review.title(model.name, model.version, target.name);
  const titles = as.map((role) => titleOf(roles, role));
  return (
    <div class="preview">
      <h3 ref={heading} tabIndex={-1}>
        {words.heading}
      </h3>
      <p>
        <Foreign
          text={
            result === "withdraw"
              ? words.withdrawLead(candidate)
              : words.lead(result, candidate, titles, props.inPlaceOf)
          }
        />
      </p>
      {conditions !== undefined && <p>{words.conditions(conditionsText(conditions))}</p>}
      {reason !== "" && (
        <blockquote>
          <Foreign text={reason} />
        </blockquote>
      )}
      <h4>{words.digest}</h4>
      <p>
        <Digest value={digest} />
      </p>
      <label for="statement">{words.statement}</label>
      <textarea id="statement" class="statement" dir="ltr" rows={9} readOnly value={readableStatement(statement)} />
      <p class="quiet">{words.note}</p>
      <div class="buttons">
        <SignInButton text={words.button[result]} onSignIn={props.onSign} />
        <button type="button" onClick={props.onBack}>
          {words.back}
        </button>
      </div>
    </div>
  );
}
