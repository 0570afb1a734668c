import { useState } from "preact/hooks";
import { apiClient, type Problem } from "../api/client.ts";
import type { PromotionPage, PromotionSummary } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { TryAgain } from "../loading/try-again.tsx";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { TimeAndDistance } from "../ui/time.tsx";
import { usePolled } from "../ui/use-polled.ts";

const inReview = "/v1/promotions?status=in-review";
const pauseMs = 15_000;

/** What waits for review, the most urgent first. */
export function InboxPage(props: {
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
  readonly now: () => number;
}) {
  const words = messages.inbox;
  const { value: first, problem, again } = usePolled<PromotionPage>(inReview, { ...props, pause: () => pauseMs });
  const [more, setMore] = useState<readonly PromotionPage[]>([]);
  const [moreProblem, setMoreProblem] = useState<Problem>();
  const pages = first === undefined ? [] : [first, ...more];
  const next = pages.at(-1)?.next;
  const promotions = byUrgency(pages.flatMap((page) => page.promotions));
  const showMore = async (cursor: string): Promise<void> => {
    const reply = await apiClient(props.session.idToken).get<PromotionPage>(
      `${inReview}&cursor=${encodeURIComponent(cursor)}`,
    );
    if (reply.kind === "ok") setMore([...more, reply.value]);
    setMoreProblem(reply.kind === "ok" ? undefined : reply.problem);
  };
  return (
    <>
      <PageHeading text={words.heading} />
      {[problem, moreProblem].map(
        (each) =>
          each !== undefined &&
          !props.expired && (
            <ProblemNotice key={each.code} sentence={each.sentence}>
              {each === problem && <TryAgain onTry={again} />}
            </ProblemNotice>
          ),
      )}
      {first === undefined && problem === undefined && <Loading />}
      {first !== undefined && (
        <p class="lead">{promotions.length === 0 ? words.empty : words.lead(promotions.length)}</p>
      )}
      {promotions.length > 0 && (
        <div class="card">
          <Table
            caption={words.heading}
            head={[words.candidate, words.stage, words.decideBefore, words.waiting]}
            rows={promotions.map((promotion) => ({
              key: promotion.id,
              cells: [
                <a key="candidate" href={promotionHash(promotion.id)}>
                  <Foreign
                    text={messages.review.title(promotion.model.name, promotion.model.version, promotion.target)}
                  />
                </a>,
                <Foreign key="stage" text={promotion.stage?.name ?? "–"} />,
                <TimeAndDistance key="deadline" at={deadlineOf(promotion)} now={props.now()} />,
                <TimeAndDistance
                  key="since"
                  at={promotion.stage?.openedAt ?? promotion.submittedAt}
                  now={props.now()}
                />,
              ],
            }))}
          />
        </div>
      )}
      {next !== undefined && (
        <button type="button" onClick={() => void showMore(next)}>
          {words.more}
        </button>
      )}
    </>
  );
}

/** When the promotion, or its open stage, is over. */
export function deadlineOf(promotion: Pick<PromotionSummary, "stage" | "expiresAt">): string {
  return promotion.stage?.open === true ? promotion.stage.deadline : promotion.expiresAt;
}

/** Each promotion once: a page that was fetched later may repeat what moved meanwhile. */
function byUrgency(promotions: readonly PromotionSummary[]): readonly PromotionSummary[] {
  const each = [...new Map(promotions.map((promotion) => [promotion.id, promotion])).values()];
  return each.toSorted((a, b) => (deadlineOf(a) < deadlineOf(b) ? -1 : deadlineOf(a) > deadlineOf(b) ? 1 : 0));
}
