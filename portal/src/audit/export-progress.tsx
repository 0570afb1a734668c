import type { ComponentChildren } from "preact";
import type { ExportAnswer } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { sizeText } from "../ui/number.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { Digest } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import type { Exporting } from "./use-export.ts";

/** How far an export is; once it is there, what it is and where it can be fetched. */
export function ExportProgress(props: {
  readonly state: Exporting;
  readonly onAgain: () => void;
  /** What else can be done with a pack that is there. */
  readonly children?: (pack: NonNullable<ExportAnswer["pack"]>) => ComponentChildren;
}) {
  const words = messages.audit.export;
  const { state, onAgain, children } = props;
  switch (state.kind) {
    case "idle":
      return null;
    case "asked":
      return <Loading text={words.asked} />;
    case "problem":
      return <ProblemToRetry problem={state.problem} onTry={onAgain} />;
    case "export": {
      const { status, pack, reason, keptUntil } = state.answer;
      if (status === "failed") return <ProblemNotice heading={words.failed} sentence={reason ?? ""} />;
      if (status !== "done") return <Loading text={words.states[status]} later={words.later} />;
      if (pack === undefined) return <p role="status">{words.gone}</p>;
      return (
        <div class="notice good" role="status">
          <p>
            <strong>{words.ready(sizeText(pack.bytes))}</strong>
          </p>
          <dl>
            <dt>{words.digest}</dt>
            <dd>
              <Digest value={pack.sha256} />
            </dd>
            <dt>{words.addressUntil}</dt>
            <dd>
              <Time at={pack.expiresAt} />
            </dd>
            {keptUntil !== undefined && (
              <>
                <dt>{words.keptUntil}</dt>
                <dd>
                  <Time at={keptUntil} />
                </dd>
              </>
            )}
          </dl>
          <div class="buttons">
            <a class="button" href={pack.address} rel="noreferrer" download>
              {words.download}
            </a>
            {children?.(pack)}
          </div>
        </div>
      );
    }
    default:
      return state satisfies never;
  }
}
