import { useEffect, useState } from "preact/hooks";
import { ExportProgress } from "../audit/export-progress.tsx";
import { isUnderWay, useExport } from "../audit/use-export.ts";
import { nothingKnown, useVerifier } from "../audit/use-verifier.ts";
import { VerificationOutcome } from "../audit/verification-outcome.tsx";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { TryAgain } from "../loading/try-again.tsx";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { sizeText } from "../ui/number.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { type FetchedPack, fetchPack } from "./fetch-pack.ts";

/**
 * One click: has the promotion's pack written, fetches it, and verifies it in this browser. Whatever the service says of
 * the promotion on this page is then held against what proves it.
 */
export function VerifyHere(props: { readonly id: string; readonly session: Session; readonly now: () => number }) {
  const words = messages.record.verifyHere;
  const { state, begin, again } = useExport(props.session);
  const { state: verification, verify, stop } = useVerifier(props.now);
  const [fetched, setFetched] = useState<FetchedPack>();
  const answer = state.kind === "export" ? state.answer : undefined;
  const pack = answer?.status === "done" ? answer.pack : undefined;
  // Each answer about a pack has an address of its own; the pack is the same.
  const address = pack?.address;
  useEffect(() => {
    if (pack === undefined) return;
    const left = new AbortController();
    void fetchPack(pack, `${props.id}.zip`, left.signal).then((result) => {
      if (left.signal.aborted) return;
      setFetched(result);
      if (result.kind === "fetched") verify(result.file, nothingKnown);
    });
    return () => left.abort();
  }, [address]);
  const start = (): void => {
    stop();
    setFetched(undefined);
    begin({ promotion: props.id });
  };
  const busy = isUnderWay(state) || (pack !== undefined && fetched === undefined) || verification.kind === "reading";
  return (
    <>
      <p>{words.lead}</p>
      <div class="buttons">
        <button type="button" aria-disabled={busy} onClick={() => busy || start()}>
          {words.button}
        </button>
      </div>
      {state.kind === "problem" && <ProblemToRetry problem={state.problem} onTry={again} />}
      {answer?.status === "failed" && (
        <ProblemNotice heading={messages.audit.export.failed} sentence={answer.reason ?? ""} />
      )}
      {isUnderWay(state) && <ExportProgress state={state} onAgain={again} now={props.now} />}
      {pack !== undefined && fetched === undefined && <Loading text={words.fetching(sizeText(pack.bytes))} />}
      {fetched?.kind === "failed" && (
        <ProblemNotice heading={words.notFetched} sentence={words.notFetchedText}>
          <TryAgain onTry={start} />
        </ProblemNotice>
      )}
      <VerificationOutcome
        state={verification}
        file={fetched?.kind === "fetched" ? fetched.file : undefined}
        known={nothingKnown}
        onStop={stop}
      />
    </>
  );
}
