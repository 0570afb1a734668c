import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { messages } from "../messages/catalogue.ts";
import type { VerifierAnswer, VerifierRequest } from "./verifier/exchange.ts";
import type { KnownText } from "./verifier/known-keys.ts";

export type Verification = { readonly kind: "idle" } | VerifierAnswer;

export const nothingKnown: KnownText = {
  keys: "",
  jwks: "",
  issuers: "",
  audiences: "",
  origins: "",
  subjectClaims: [],
};

/** Verifies packs beside the page, one at a time. */
export function useVerifier(now: () => number): {
  readonly state: Verification;
  readonly verify: (file: File, known: KnownText, receipts?: readonly File[]) => void;
  readonly stop: () => void;
} {
  const [state, setState] = useState<Verification>({ kind: "idle" });
  const worker = useRef<Worker>(undefined);
  const end = useCallback(() => {
    worker.current?.terminate();
    worker.current = undefined;
  }, []);
  useEffect(() => end, [end]);

  const verify = (file: File, known: KnownText, receipts: readonly File[] = []): void => {
    end();
    setState({ kind: "reading", bytes: 0 });
    const started = new Worker(new URL("./verifier/worker.ts", import.meta.url), { type: "module" });
    worker.current = started;
    started.onmessage = ({ data }: MessageEvent<VerifierAnswer>) => {
      setState(data);
      if (data.kind !== "reading") end();
    };
    started.onerror = () => {
      setState({ kind: "failed", sentence: messages.audit.verify.noVerifier });
      end();
    };
    started.postMessage({ file, receipts, known, now: instantFromMs(now()) } satisfies VerifierRequest);
  };
  const stop = (): void => {
    end();
    setState({ kind: "idle" });
  };
  return { state, verify, stop };
}
