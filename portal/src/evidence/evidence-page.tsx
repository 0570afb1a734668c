import { useCallback, useEffect, useState } from "preact/hooks";
import { apiClient, type Problem } from "../api/client.ts";
import { NotYet } from "../loading/not-yet.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { Badge } from "../ui/badge.tsx";
import { sizeText } from "../ui/number.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { withVisibleMarks } from "../ui/readable.ts";
import { saveFile } from "../ui/save-file.ts";
import { Digest, Foreign } from "../ui/text.tsx";
import { type EvidenceDocument, readableText, readEvidence } from "./read-evidence.ts";

/** One evidence document: its bytes, whether they are the frozen ones, and what they say. */
export function EvidencePage(props: { readonly id: string; readonly sha256: string; readonly session: Session }) {
  const { id, sha256, session } = props;
  const words = messages.evidence;
  const [found, setFound] = useState<EvidenceDocument | Problem>();
  const read = useCallback(async () => {
    setFound(undefined);
    setFound(await readEvidence(apiClient(session.idToken), id, sha256));
  }, [id, sha256, session]);
  useEffect(() => void read(), [read]);
  const toReview = (
    <p>
      <a href={promotionHash(id)}>{words.back}</a>
    </p>
  );
  if (found === undefined) return <NotYet problem={undefined} onTry={() => void read()} />;
  if ("code" in found) {
    return (
      <>
        <PageHeading text={messages.problem.heading} />
        <ProblemToRetry problem={found} onTry={() => void read()} />
        {toReview}
      </>
    );
  }
  return (
    <>
      <PageHeading text={found.name} />
      {toReview}
      <div class="card">
        <p role="status">
          <Badge tone={found.verified ? "good" : "bad"} text={found.verified ? words.verified : words.differs} />{" "}
          {found.verified ? words.verifiedNote : words.differsNote}
        </p>
        <dl>
          <dt>{messages.files.kind}</dt>
          <dd>
            {messages.files.evidenceKinds[found.kind]}{" "}
            <span class="quiet">
              (<Foreign text={found.format} />, {sizeText(found.bytes.length)})
            </span>
          </dd>
          <dt>{messages.files.digest}</dt>
          <dd>
            <Digest value={sha256} />
          </dd>
        </dl>
        <button
          type="button"
          onClick={() => saveFile(new File([found.bytes], found.name, { type: "application/octet-stream" }))}
        >
          {words.save}
        </button>
      </div>
      <Content bytes={found.bytes} />
    </>
  );
}

function Content({ bytes }: { readonly bytes: Uint8Array }) {
  const words = messages.evidence;
  const shown = readableText(bytes);
  if (shown === undefined) return <p>{words.noText}</p>;
  return (
    <>
      {shown.cut && <p class="notice warn">{words.cut}</p>}
      <div class="card">
        <label for="content">{words.content}</label>
        <textarea
          id="content"
          class="statement"
          dir="ltr"
          rows={28}
          readOnly
          spellcheck={false}
          value={withVisibleMarks(shown.text)}
        />
      </div>
    </>
  );
}
