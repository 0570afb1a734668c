import { useEffect, useRef } from "preact/hooks";
import { messages } from "../messages/catalogue.ts";
import { sizeText } from "../ui/number.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import type { Verification } from "./use-verifier.ts";
import { VerificationResult } from "./verification-result.tsx";
import type { KnownText } from "./verifier/known-keys.ts";

/** Where the verification of a pack stands, and what it came to. */
export function VerificationOutcome(props: {
  readonly state: Verification;
  readonly file: File | undefined;
  readonly known: KnownText;
  readonly onStop: () => void;
}) {
  const words = messages.audit.verify;
  const { state } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state.kind === "verified") place.current?.focus();
  }, [state.kind]);
  switch (state.kind) {
    case "idle":
      return null;
    case "reading":
      return (
        <div class="notice plain" role="status">
          <p>
            <strong>{words.running}</strong>
          </p>
          {state.bytes > 0 && <p>{words.read(sizeText(state.bytes), sizeText(props.file?.size ?? 0))}</p>}
          <button type="button" onClick={props.onStop}>
            {words.stop}
          </button>
        </div>
      );
    case "unreadable-keys":
      return <ProblemNotice heading={words.unreadableKeys} sentence={state.sentence} />;
    case "failed":
      return <ProblemNotice heading={words.failed} sentence={state.sentence} />;
    case "verified":
      if (props.file === undefined) return null;
      return (
        <div ref={place} tabIndex={-1} class="verification">
          <VerificationResult file={props.file} known={props.known} verified={state} />
        </div>
      );
    default:
      return state satisfies never;
  }
}
