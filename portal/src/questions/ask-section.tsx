import { useRef, useState } from "preact/hooks";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { SendForm } from "./send-form.tsx";

/** Lets a reviewer ask before deciding. The id is made once for each question, so that sending again asks once. */
export function AskSection(props: {
  readonly promotion: ShownPromotion;
  readonly session: Session;
  readonly onExpired: () => void;
  readonly onSent: () => void;
}) {
  const { promotion, session, onExpired, onSent } = props;
  const words = messages.questions;
  const [sent, setSent] = useState(false);
  const id = useRef(crypto.randomUUID() as string);
  if (!isOpen(promotion.status)) return null;
  return (
    <details class="card folded">
      <summary>{words.ask}</summary>
      <p class="quiet">{words.askLead}</p>
      <SendForm
        id={`question-${promotion.id}`}
        label={words.text}
        button={words.send}
        path={`/v1/promotions/${promotion.id}/questions`}
        bodyOf={(text) => ({ id: id.current, text })}
        session={session}
        onExpired={onExpired}
        onSent={() => {
          id.current = crypto.randomUUID();
          setSent(true);
          onSent();
        }}
      />
      <p role="status">{sent && words.sent}</p>
    </details>
  );
}
