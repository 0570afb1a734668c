import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
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
  readonly now: () => number;
  /** What else can be done with a pack that is there. */
  readonly children?: (pack: NonNullable<ExportAnswer["pack"]>) => ComponentChildren;
}) {
  const words = messages.audit.export;
  const { state, onAgain, now, children } = props;
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
            <Download pack={pack} onAgain={onAgain} now={now} />
            {children?.(pack)}
          </div>
        </div>
      );
    }
    default:
      return state satisfies never;
  }
}

/** The way to a pack, for as long as its address opens it; a page that stands open for longer gets another one. */
function Download(props: {
  readonly pack: { readonly address: string; readonly expiresAt: string };
  readonly onAgain: () => void;
  readonly now: () => number;
}) {
  const words = messages.audit.export;
  const { address, expiresAt } = props.pack;
  const [over, setOver] = useState<string>();
  const renewed = useRef(false);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // What was pressed for it is gone.
    if (renewed.current) link.current?.focus();
    renewed.current = false;
    const timer = setTimeout(() => setOver(address), Date.parse(expiresAt) - props.now());
    return () => clearTimeout(timer);
  }, [address]);
  if (over !== address)
    return (
      <a class="button" href={address} rel="noreferrer" ref={link} download>
        {words.download}
      </a>
    );
  return (
    <button
      type="button"
      onClick={() => {
        renewed.current = true;
        props.onAgain();
      }}
    >
      {words.renew}
    </button>
  );
}
