import { useState } from "preact/hooks";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { ListedPromotion, PromotionPage } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { OwnReceipts } from "../receipts/own-receipts.tsx";
import { statusTones } from "../review/stand.tsx";
import { Badge } from "../ui/badge.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Time } from "../ui/time.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { type PollOptions, usePolled } from "../ui/use-polled.ts";
import { CandidateLink, candidateTitle } from "./candidate-link.tsx";

const path = "/v1/promotions?status=any&decided=true";
const pauseMs = 60_000;

/** What the reader decided, the newest promotion first. */
export function DecidedSection(props: Omit<PollOptions<PromotionPage>, "pause" | "read">) {
  const words = messages.inbox;
  const { value: first, problem, again } = usePolled<PromotionPage>(path, { ...props, pause: () => pauseMs });
  const [further, setFurther] = useState<readonly PromotionPage[]>([]);
  const [furtherProblem, setFurtherProblem] = useState<Problem>();
  const pages = first === undefined ? [] : [first, ...further];
  const promotions = [...new Map(pages.flatMap((page) => page.promotions).map((each) => [each.id, each])).values()];
  const next = pages.at(-1)?.next;
  const lookFurther = async (cursor: string): Promise<void> => {
    const reply = await apiClient(props.session.idToken).get<PromotionPage>(
      `${path}&cursor=${encodeURIComponent(cursor)}`,
    );
    if (reply.kind === "ok") setFurther([...further, reply.value]);
    setFurtherProblem(reply.kind === "ok" ? undefined : reply.problem);
  };
  return (
    <Section id="decided" heading={words.done}>
      {problem !== undefined && first === undefined && !props.expired && (
        <ProblemToRetry problem={problem} onTry={again} />
      )}
      {first === undefined && problem === undefined && <Loading onTry={again} />}
      <Unreadable lists={pages} />
      {first !== undefined && promotions.length === 0 && (
        <p>{next === undefined ? words.nothingDone : words.nothingFurther}</p>
      )}
      {promotions.length > 0 && (
        <Table
          caption={words.done}
          head={[words.candidate, words.decision, words.now, words.receipts]}
          rows={promotions.map((promotion) => ({
            key: promotion.id,
            cells: [
              <CandidateLink key="candidate" promotion={promotion} />,
              <Decision key="decision" promotion={promotion} />,
              <Badge
                key="now"
                tone={statusTones[promotion.status]}
                text={messages.statusOf(promotion.status, changesPolicies(promotion.model))}
              />,
              <OwnReceipts
                key="receipts"
                id={promotion.id}
                session={props.session}
                label={messages.receipt.saveOwnOf(candidateTitle(promotion))}
              />,
            ],
          }))}
        />
      )}
      {furtherProblem !== undefined && <ProblemNotice sentence={furtherProblem.sentence} />}
      {next !== undefined && (
        <p>
          <button type="button" onClick={() => void lookFurther(next)}>
            {words.further}
          </button>
        </p>
      )}
    </Section>
  );
}

function Decision({ promotion: { decided } }: { readonly promotion: ListedPromotion }) {
  if (decided === undefined) return null;
  return (
    <>
      {messages.inbox.decisions[decided.result]} <Time at={decided.at} />
    </>
  );
}
