import { by } from "../../../core/encoding/text-order.ts";
import type { ListedPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { TimeAndDistance } from "../ui/time.tsx";
import { CandidateLink } from "./candidate-link.tsx";

/** What is approved, held by a freeze window, and may still be rejected by the reader; nothing where there is none. */
export function HeldSection(props: { readonly promotions: readonly ListedPromotion[]; readonly now: number }) {
  const words = messages.inbox;
  const held = props.promotions
    .flatMap((promotion) => (promotion.held?.mayReject === true ? [{ promotion, held: promotion.held }] : []))
    .toSorted(by((each) => each.held.until));
  if (held.length === 0) return null;
  return (
    <Section id="held" heading={words.held}>
      <p>{words.heldLead}</p>
      <Table
        ofWords
        caption={words.held}
        head={[words.candidate, words.window, words.heldUntil]}
        rows={held.map(({ promotion, held: { window, until } }) => ({
          key: promotion.id,
          cells: [
            <CandidateLink key="candidate" promotion={promotion} />,
            <Foreign key="window" text={window} />,
            <TimeAndDistance key="until" at={until} now={props.now} />,
          ],
        }))}
      />
    </Section>
  );
}
