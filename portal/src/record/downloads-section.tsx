import { useState } from "preact/hooks";
import { apiClient, type Problem } from "../api/client.ts";
import { ExportProgress } from "../audit/export-progress.tsx";
import { isUnderWay, useExport } from "../audit/use-export.ts";
import { messages } from "../messages/catalogue.ts";
import { fetchAttestations } from "../receipts/fetch-attestations.ts";
import { OwnReceipts } from "../receipts/own-receipts.tsx";
import type { Session } from "../session/session.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { saveText } from "../ui/save-file.ts";
import { Section } from "../ui/section.tsx";
import { VerifyHere } from "./verify-here.tsx";

/** What can be taken away: what was signed, and the whole record with the proofs of it. */
export function DownloadsSection(props: {
  readonly id: string;
  readonly session: Session;
  readonly now: () => number;
}) {
  const { id, session } = props;
  const words = messages.record.downloads;
  const { state, begin, again } = useExport(session);
  const [problem, setProblem] = useState<Problem>();
  const saveAttestations = async (): Promise<void> => {
    const reply = await fetchAttestations(apiClient(session.idToken), id);
    setProblem(reply.kind === "problem" ? reply.problem : undefined);
    if (reply.kind === "ok")
      saveText(`${id}.attestations.json`, JSON.stringify(reply.value, null, 2), "application/json");
  };
  const busy = isUnderWay(state);
  return (
    <Section id="downloads" heading={words.heading}>
      <p>{words.lead}</p>
      <div class="buttons">
        <button type="button" onClick={() => void saveAttestations()}>
          {words.attestations}
        </button>
        <button type="button" aria-disabled={busy} onClick={() => busy || begin({ promotion: id })}>
          {words.pack}
        </button>
      </div>
      {problem !== undefined && <ProblemNotice sentence={problem.sentence} />}
      <ExportProgress state={state} onAgain={again} now={props.now}>
        {() => <a href="#/audit">{words.verify}</a>}
      </ExportProgress>
      <VerifyHere {...props} />
      <p>{messages.receipt.ownLead}</p>
      <OwnReceipts id={id} session={session} />
    </Section>
  );
}
