import type { ListedPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { Time, TimeAndDistance } from "../ui/time.tsx";
import { CandidateLink } from "./candidate-link.tsx";
import { deadlineOf, isSoonOver, waitingSince } from "./urgency.ts";

/** Promotions in review: until when they can be decided, since when they wait and, where asked for, for whom. */
export function WaitingTable(props: {
  readonly caption: string;
  readonly promotions: readonly ListedPromotion[];
  readonly now: number;
  readonly forWhom: boolean;
}) {
  const { caption, promotions, now, forWhom } = props;
  const words = messages.inbox;
  return (
    <Table
      caption={caption}
      head={[words.candidate, words.stage, ...(forWhom ? [words.stillNeeded] : []), words.decideBefore, words.waiting]}
      rows={promotions.map((promotion) => ({
        key: promotion.id,
        cells: [
          <CandidateLink key="candidate" promotion={promotion} />,
          <Foreign key="stage" text={promotion.stage?.name ?? "–"} />,
          ...(forWhom ? [<StillNeeded key="needed" waits={promotion.waits} />] : []),
          <span key="deadline">
            <TimeAndDistance at={deadlineOf(promotion)} now={now} />{" "}
            {isSoonOver(promotion, now) && <Badge tone="warn" text={words.soon} />}
          </span>,
          <span key="since">
            <TimeAndDistance at={waitingSince(promotion)} now={now} />
            <ApprovalsFrom waits={promotion.waits} />
          </span>,
        ],
      }))}
    />
  );
}

interface Waits {
  readonly waits: ListedPromotion["waits"] | undefined;
}

function StillNeeded({ waits }: Waits) {
  const words = messages.inbox;
  if (waits === undefined || waits.roles.length === 0) return <>{words.movingOn}</>;
  return (
    <ul class="plain-list">
      {waits.roles.map(({ title, people }) => (
        <li key={title}>
          <Foreign
            text={words.role(
              title,
              people.map(({ name, inPlaceOf }) => (inPlaceOf === undefined ? name : words.inPlaceOf(name, inPlaceOf))),
            )}
          />
        </li>
      ))}
    </ul>
  );
}

function ApprovalsFrom({ waits }: Waits) {
  if (waits?.approvalsFrom === undefined) return null;
  return (
    <span class="quiet below">
      {messages.inbox.from} <Time at={waits.approvalsFrom} />
    </span>
  );
}
