import type { LoanStatement } from "../../../core/attestation/loan-statement.ts";
import type { SignOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { DecisionPanel } from "../decision/decision-panel.tsx";
import type { DecisionOutcome } from "../decision/record-decision.ts";
import { EvidenceContext, evidenceLinksOf } from "../evidence/where.tsx";
import { NotYet } from "../loading/not-yet.tsx";
import type { LoanOutcome } from "../loan/lend-outcome.tsx";
import { LendPanel } from "../loan/lend-panel.tsx";
import { LoanNotice } from "../loan/loan-notice.tsx";
import { messages } from "../messages/catalogue.ts";
import { WithdrawProposal } from "../policy/withdraw-proposal.tsx";
import { AskSection } from "../questions/ask-section.tsx";
import { AskedPage } from "../questions/asked-page.tsx";
import { QuestionsSection } from "../questions/questions-section.tsx";
import { modelHash, recordHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { AsPrinted } from "../ui/as-printed.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { ApprovalSection } from "./approval.tsx";
import { AttentionSection } from "./attention.tsx";
import { CalibrationSection } from "./calibration.tsx";
import { ChangeSection } from "./change.tsx";
import { ChecksSection } from "./checks.tsx";
import { ComparisonSection } from "./comparison.tsx";
import { CurveSection } from "./curve.tsx";
import { FairnessSection } from "./fairness.tsx";
import { FeaturesSection } from "./features.tsx";
import { FilesSection } from "./files.tsx";
import { GatesSection } from "./gates.tsx";
import { InfrastructureSection } from "./infrastructure.tsx";
import { LineageSection } from "./lineage.tsx";
import { NextStepsSection } from "./next-steps.tsx";
import { OtherMeasuresSection } from "./other-measures.tsx";
import { PolicyChangesSection } from "./policy-changes.tsx";
import { RunningSection } from "./running.tsx";
import { Stand } from "./stand.tsx";
import { TimelineSection } from "./timeline.tsx";

const livelyPauseMs = 5_000;
const quietPauseMs = 30_000;

export interface ReviewPageProps {
  readonly id: string;
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
  /** The reader holds no role in any review. */
  readonly onWithoutRole: () => void;
  readonly now: () => number;
  readonly outcome?: DecisionOutcome;
  readonly onSendAgain?: () => Promise<void>;
  readonly onSign: (statement: SignOffStatement, needsPasskey: boolean, acr: readonly string[]) => Promise<void>;
  /** What became of the lender's signature that the reader comes back from giving. */
  readonly loan?: LoanOutcome;
  readonly onSendLoanAgain?: () => Promise<void>;
  readonly onLend: (statement: LoanStatement, needsPasskey: boolean, acr: readonly string[]) => Promise<void>;
}

/** One promotion: what would change, whether it is good enough, who signs, and the reader's own decision. */
export function ReviewPage(props: ReviewPageProps) {
  const entries = props.outcome === undefined ? "false" : "true";
  const {
    value: promotion,
    problem,
    again,
  } = usePolled<ShownPromotion>(`/v1/promotions/${props.id}?entries=${entries}`, {
    ...props,
    laterPath: `/v1/promotions/${props.id}?entries=${entries}&again=true`,
    pause: (latest) => (latest === undefined || isOpen(latest.status) ? livelyPauseMs : quietPauseMs),
  });
  if (promotion === undefined) {
    return problem?.code === "forbidden" ? <AskedPage {...props} /> : <NotYet problem={problem} onTry={again} />;
  }
  const { model, target, summary, gates } = promotion;
  const title = messages.review.title(model.name, model.version, target);
  const speaking = { session: props.session, onExpired: props.onExpired, onSent: again };
  return (
    <EvidenceContext.Provider value={evidenceLinksOf(promotion)}>
      <PageHeading text={title} focus={props.outcome === undefined && props.loan === undefined} />
      <p class="printed quiet">
        <code>{promotion.id}</code>
      </p>
      <AsPrinted now={props.now()} />
      <Stand promotion={promotion} now={props.now()} />
      <LoanNotice promotion={promotion} now={props.now()} />
      {(isOpen(promotion.status) || props.outcome !== undefined) && (
        <button type="button" class="jump" onClick={() => document.getElementById("decision")?.focus()}>
          {messages.review.decide}
        </button>
      )}
      {problem !== undefined && !props.expired && (
        <p class="notice warn" role="status">
          {messages.review.stale}
        </p>
      )}
      <div class="two-columns">
        <div>
          {summary === undefined ? (
            <p class="card">{messages.attention.none}</p>
          ) : (
            <AttentionSection summary={summary.document} />
          )}
          <QuestionsSection
            {...speaking}
            id={promotion.id}
            questions={promotion.questions}
            mayAnswer={promotion.mayAnswer === true}
          />
          <ChangeSection promotion={promotion} />
          {gates !== undefined && summary !== undefined && (
            <>
              <PolicyChangesSection summary={summary.document} />
              <GatesSection report={gates.report} summary={summary.document} />
              {/* Nothing of a model can be said of policies: that nobody measured it would only hide what changes. */}
              {promotion.manifest.target.kind !== "policy" && (
                <>
                  <ComparisonSection summary={summary.document} status={promotion.status} />
                  <FairnessSection summary={summary.document} />
                  <FeaturesSection summary={summary.document} />
                  <CurveSection summary={summary.document} />
                  <CalibrationSection summary={summary.document} />
                  <RunningSection promotion={promotion} />
                  <InfrastructureSection summary={summary.document} />
                  <ChecksSection summary={summary.document} />
                  <OtherMeasuresSection summary={summary.document} />
                </>
              )}
              <LineageSection summary={summary.document} barred={promotion.barred} names={promotion.authorNames} />
            </>
          )}
          <ApprovalSection promotion={promotion} />
          <NextStepsSection promotion={promotion} />
          {gates !== undefined && summary !== undefined && <FilesSection summary={summary.document} />}
          <TimelineSection promotion={promotion} foldMessages />
          <p class="not-printed">
            <a href={recordHash(promotion.id)}>{messages.review.record}</a>
            <br />
            <a href={modelHash(model.name, target)}>
              {promotion.manifest.target.kind === "policy" ? messages.models.ofPolicies : messages.models.ofModel}
            </a>
          </p>
        </div>
        <div class="aside">
          <DecisionPanel
            promotion={promotion}
            reviewer={props.session.reviewer}
            now={props.now}
            onSign={props.onSign}
            {...(props.outcome === undefined ? {} : { outcome: props.outcome })}
            {...(props.onSendAgain === undefined ? {} : { onSendAgain: props.onSendAgain })}
          />
          <LendPanel
            promotion={promotion}
            reviewer={props.session.reviewer}
            now={props.now}
            onSign={props.onLend}
            {...(props.loan === undefined ? {} : { outcome: props.loan })}
            {...(props.onSendLoanAgain === undefined ? {} : { onSendAgain: props.onSendLoanAgain })}
          />
          <AskSection {...speaking} promotion={promotion} />
          <WithdrawProposal
            promotion={promotion}
            session={props.session}
            onExpired={props.onExpired}
            onWithdrawn={again}
          />
        </div>
      </div>
    </EvidenceContext.Provider>
  );
}
