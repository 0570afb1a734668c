import type { ShownPromotion } from "../api/contract.ts";
import { NotYet } from "../loading/not-yet.tsx";
import { LoanNotice } from "../loan/loan-notice.tsx";
import { messages } from "../messages/catalogue.ts";
import { ApprovalSection } from "../review/approval.tsx";
import { Stand } from "../review/stand.tsx";
import { TimelineSection } from "../review/timeline.tsx";
import { modelHash, promotionHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { AboutSection } from "./about-section.tsx";
import { DownloadsSection } from "./downloads-section.tsx";
import { LifeCycleSection } from "./life-cycle-section.tsx";

const pauseMs = 15_000;

/** The record of one promotion: how far it came, who decided, everything that happened and where the ledger has it. */
export function RecordPage(props: {
  readonly id: string;
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
  readonly now: () => number;
}) {
  const words = messages.record;
  const {
    value: promotion,
    problem,
    again,
  } = usePolled<ShownPromotion>(`/v1/promotions/${props.id}?entries=true`, {
    ...props,
    laterPath: `/v1/promotions/${props.id}?entries=true&again=true`,
    pause: () => pauseMs,
  });
  if (promotion === undefined) return <NotYet problem={problem} onTry={again} />;
  const { model, target } = promotion;
  return (
    <>
      <PageHeading text={words.title(messages.review.title(model.name, model.version, target))} />
      <Stand promotion={promotion} now={props.now()} />
      <LoanNotice promotion={promotion} now={props.now()} />
      <p class="not-printed">
        <a href={promotionHash(promotion.id)}>{words.toReview}</a>
        <br />
        <a href={modelHash(model.name, target)}>{messages.models.ofModel}</a>
      </p>
      {problem !== undefined && !props.expired && (
        <p class="notice warn" role="status">
          {messages.review.stale}
        </p>
      )}
      <AboutSection promotion={promotion} now={props.now()} />
      <LifeCycleSection promotion={promotion} />
      <ApprovalSection promotion={promotion} />
      <TimelineSection promotion={promotion} />
      <div class="not-printed">
        <DownloadsSection id={promotion.id} session={props.session} now={props.now} />
      </div>
    </>
  );
}
