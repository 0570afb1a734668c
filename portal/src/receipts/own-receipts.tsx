import { useState } from "preact/hooks";
import { apiClient, type Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { saveText } from "../ui/save-file.ts";
import { fetchAttestations } from "./fetch-attestations.ts";
import { ownReceipts } from "./receipt.ts";

/** Saves anew what the service answered the reader as they signed something in a promotion. */
export function OwnReceipts(props: {
  readonly id: string;
  readonly session: Session;
  /** Of the button in a list, where it says more than its words. */
  readonly label?: string;
}) {
  const { id, session } = props;
  const words = messages.receipt;
  const [problem, setProblem] = useState<Problem>();
  const save = async (): Promise<void> => {
    const reply = await fetchAttestations(apiClient(session.idToken), id, { own: true });
    const receipts = reply.kind === "ok" ? ownReceipts(reply.value) : undefined;
    if (receipts !== undefined) saveText(receipts.name, receipts.text, "application/json");
    setProblem(
      reply.kind === "problem"
        ? reply.problem
        : receipts === undefined
          ? { code: "none", sentence: words.none }
          : undefined,
    );
  };
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          class={props.label === undefined ? undefined : "quietly"}
          aria-label={props.label}
          onClick={() => void save()}
        >
          {words.saveOwn}
        </button>
      </div>
      {problem !== undefined && <ProblemNotice sentence={problem.sentence} />}
    </>
  );
}
