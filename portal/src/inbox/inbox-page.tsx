import { useEffect } from "preact/hooks";
import type { ListedPromotion } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { Section } from "../ui/section.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { DecidedSection } from "./decided-section.tsx";
import { HeldSection } from "./held-section.tsx";
import { openReviews } from "./open-reviews.ts";
import { byUrgency } from "./urgency.ts";
import { WaitingTable } from "./waiting-table.tsx";

const listed = "/v1/promotions?standing=true&limit=100";
const pauseMs = 15_000;

/** What waits for the reader, what waits for others and for whom, and what the reader decided. */
export function InboxPage(props: {
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
  /** The reader holds no role in any review. */
  readonly onWithoutRole: () => void;
  readonly now: () => number;
}) {
  const words = messages.inbox;
  const { value, problem, again } = usePolled(listed, { ...props, pause: () => pauseMs, read: openReviews });
  // What is approved waits for nobody.
  const all = value?.promotions ?? [];
  const waiting = byUrgency(all.filter(({ status }) => status !== "approved"));
  const isOwn = ({ waits }: ListedPromotion) => waits?.forReader === true || waits?.loanToConfirm !== undefined;
  const own = waiting.filter(isOwn);
  const others = waiting.filter((each) => !isOwn(each));
  const noRole = problem?.code === "forbidden";
  useEffect(() => {
    if (noRole) props.onWithoutRole();
  }, [noRole]);
  return (
    <>
      <PageHeading text={words.heading} />
      {noRole && <p class="notice warn">{words.noRole}</p>}
      {problem !== undefined && !noRole && !props.expired && <ProblemToRetry problem={problem} onTry={again} />}
      {value === undefined && problem === undefined && <Loading onTry={again} />}
      {value !== undefined && (
        <p class="lead" role="status">
          {words.lead(own.length, others.length)}
        </p>
      )}
      {value?.more === true && <p class="notice warn">{words.looked(waiting.length)}</p>}
      <Unreadable lists={[value]} />
      {own.length > 0 && (
        <Section id="own" heading={words.own}>
          <WaitingTable
            caption={words.own}
            promotions={own}
            now={props.now()}
            forWhom={false}
            reader={props.session.reviewer.name}
          />
        </Section>
      )}
      {others.length > 0 && (
        <Section id="others" heading={words.others}>
          <WaitingTable caption={words.others} promotions={others} now={props.now()} forWhom={true} />
        </Section>
      )}
      <HeldSection promotions={all} now={props.now()} />
      {!noRole && <DecidedSection {...props} />}
    </>
  );
}
