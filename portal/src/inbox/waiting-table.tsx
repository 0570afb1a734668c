import { Fragment } from "preact";
import type { ListedPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { Time, TimeAndDistance } from "../ui/time.tsx";
import { CandidateLink } from "./candidate-link.tsx";
import { dueAt, isSoonOver, waitingSince } from "./urgency.ts";

/** Promotions in review: until when they can be decided, since when they wait and, where asked for, for whom. */
export function WaitingTable(props: {
  readonly caption: string;
  readonly promotions: readonly ListedPromotion[];
  readonly now: number;
  readonly forWhom: boolean;
  /** Whose seat it is where the reader stands in for somebody. */
  readonly reader?: string;
}) {
  const { caption, promotions, now, forWhom, reader } = props;
  const words = messages.inbox;
  return (
    <Table
      ofWords
      caption={caption}
      head={[words.candidate, words.stage, ...(forWhom ? [words.stillNeeded] : []), words.decideBefore, words.waiting]}
      rows={promotions.map((promotion) => ({
        key: promotion.id,
        cells: [
          <CandidateLink key="candidate" promotion={promotion} />,
          <Fragment key="stage">
            <Foreign text={promotion.stage?.name ?? "–"} />{" "}
            {promotion.status === "loaned" && <Badge tone="warn" text={messages.statuses.loaned} />}
            {promotion.reapproves !== undefined && <Badge tone="warn" text={words.drifted} />}
            <StandingIn waits={promotion.waits} reader={reader} />
            {promotion.waits?.loanToConfirm !== undefined && <Badge tone="warn" text={words.lends} />}
          </Fragment>,
          ...(forWhom ? [<StillNeeded key="needed" waits={promotion.waits} />] : []),
          <span key="deadline">
            <TimeAndDistance at={dueAt(promotion)} now={now} />{" "}
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

/** In whose place the reader could sign, where they could not for themselves. */
function StandingIn({ waits, reader }: Waits & { readonly reader: string | undefined }) {
  const own = waits?.roles.flatMap(({ people }) => people.filter(({ name }) => name === reader)) ?? [];
  const places = new Set(own.flatMap(({ inPlaceOf }) => inPlaceOf ?? []));
  if (places.size === 0 || own.some(({ inPlaceOf }) => inPlaceOf === undefined)) return null;
  return (
    <span class="quiet below">
      <Foreign text={messages.inbox.standingIn([...places])} />
    </span>
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
