import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { acrToAskFor, needsPasskey } from "../../../core/approval/entitlement.ts";
import type { SignOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import { type Instant, instantFromMs } from "../../../core/encoding/instant.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Reviewer } from "../session/session.ts";
import { useStatement } from "../signing/use-statement.ts";
import { Time } from "../ui/time.tsx";
import { useInstant } from "../ui/use-instant.ts";
import { composedStatement, type Decision, fitsContext } from "./compose-statement.ts";
import { DecisionForm } from "./decision-form.tsx";
import { DecisionPreview } from "./decision-preview.tsx";
import { type Draft, keepDraft, keptDraft } from "./draft.ts";
import { OutcomeNotice } from "./outcome-notice.tsx";
import type { DecisionOutcome } from "./record-decision.ts";
import { notAsSigned } from "./shown-as-signed.ts";
import { escalatedAt, type Standing, standingOf } from "./standing.ts";
import { StandingNotice } from "./standing-notice.tsx";

/** The reader's own decision: fill in, see the exact statement, sign in to sign it. */
export function DecisionPanel(props: {
  readonly promotion: ShownPromotion;
  readonly reviewer: Reviewer;
  readonly now: () => number;
  readonly onSign: (statement: SignOffStatement, needsPasskey: boolean, acr: readonly string[]) => Promise<void>;
  readonly outcome?: DecisionOutcome;
  readonly onSendAgain?: () => Promise<void>;
}) {
  const { promotion, reviewer, outcome } = props;
  const { id, signOffContext: context } = promotion;
  const [draft, setDraft] = useState(() => keptDraft(id, reviewer.identity, sessionStorage));
  const [unfolded, setUnfolded] = useState(false);
  const now = () => instantFromMs(props.now());
  const shown = useStatement<SignOffStatement>(now, (statement) => {
    const { result, roles } = statement.predicate;
    // Stopping, and taking back, asks for nothing more than a sign-in.
    const named = result === "approve" ? roles : [];
    const { roles: all } = promotion.requirements.document;
    return props.onSign(statement, needsPasskey(all, named), acrToAskFor(all, named));
  });
  const { statement, remark } = shown;
  const words = messages.decide;

  useEffect(() => {
    // What was shown is not what would be signed any more: back to the form, with everything that was typed.
    if (statement !== undefined && !fitsContext(statement, context)) shown.back(words.changedMeanwhile);
  });

  const change = (next: Draft): void => {
    keepDraft(id, reviewer.identity, next, sessionStorage);
    setDraft(next);
    shown.back();
  };
  const compose = (decision: Decision): void => {
    if (context === undefined) return;
    shown.show((at) => composedStatement(context, { ...decision, reviewer: reviewer.identity }, at));
  };

  const altered = notAsSigned(promotion);
  const standing = standingOf(promotion, reviewer, now());
  useInstant(mayApproveFrom(standing), props.now);
  useInstant(escalatedAt(promotion), props.now);
  return (
    <section class="card decision" aria-labelledby="decision">
      <h2 id="decision" tabIndex={-1}>
        {words.heading}
      </h2>
      {outcome !== undefined && (
        // What is about to be signed stands alone.
        <div hidden={statement !== undefined}>
          <OutcomeNotice
            outcome={outcome}
            timeline={promotion.timeline}
            status={promotion.status}
            open={standing !== undefined}
            {...(props.onSendAgain === undefined ? {} : { onSendAgain: props.onSendAgain })}
          />
        </div>
      )}
      {remark !== undefined && (
        <p class="notice warn" role="alert">
          {remark}
        </p>
      )}
      {altered.length > 0 ? (
        <p class="notice bad" role="alert">
          {words.altered(altered)}
        </p>
      ) : standing === undefined ? (
        <>
          <OwnDecision promotion={promotion} />
          <p>
            {hasEnded(promotion.status)
              ? words.over(messages.statusOf(promotion.status, changesPolicies(promotion.manifest.model)).toLowerCase())
              : words.closed(messages.statusOf(promotion.status, changesPolicies(promotion.manifest.model)))}
          </p>
        </>
      ) : statement !== undefined ? (
        <DecisionPreview
          statement={statement}
          roles={promotion.requirements.document.roles}
          lent={promotion.status === "loaned"}
          inPlaceOf={
            promotion.delegations.find(({ id }) => id === statement.predicate.onBehalfOf?.delegation.sha256)
              ?.delegatorName
          }
          onSign={shown.sign}
          onBack={() => shown.back()}
        />
      ) : (
        <Further done={outcome?.kind === "recorded"} unfolded={unfolded} onToggle={setUnfolded}>
          <StandingNotice standing={standing} />
          {mayDecide(standing) && (
            <DecisionForm
              promotion={promotion}
              standing={standing}
              draft={draft}
              onChange={change}
              onComplete={compose}
            />
          )}
        </Further>
      )}
    </section>
  );
}

/** What the reader signed last, where nothing is open to them any more. */
function OwnDecision({ promotion }: { readonly promotion: ShownPromotion }) {
  const latest = promotion.signOffs
    .filter(({ own }) => own === true)
    .toSorted(by(({ recordedAt }) => recordedAt))
    .at(-1);
  if (latest === undefined || latest.result === "withdraw") return null;
  return (
    <p>
      {messages.decide.own[latest.result]} <Time at={latest.recordedAt} />
    </p>
  );
}

/** When the reader may approve, where only the time that passes stands in the way. */
function mayApproveFrom(standing: Standing | undefined): Instant | undefined {
  const no = standing?.noApproval;
  if (no?.why === "too-early") return no.from;
  return no?.why === "frozen" ? no.until : undefined;
}

function mayDecide({ rejectAs, rejectPlaces, earlier, places }: Standing): boolean {
  return rejectAs.length > 0 || rejectPlaces.length > 0 || earlier !== undefined || places.length > 0;
}

/** Whoever has just decided is told so, and not asked at once what they decide. */
function Further(props: {
  readonly done: boolean;
  readonly unfolded: boolean;
  readonly onToggle: (unfolded: boolean) => void;
  readonly children: ComponentChildren;
}) {
  if (!props.done) return <>{props.children}</>;
  return (
    <details open={props.unfolded} onToggle={({ currentTarget }) => props.onToggle(currentTarget.open)}>
      <summary>{messages.outcome.further}</summary>
      {props.children}
    </details>
  );
}
