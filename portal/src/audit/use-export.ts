import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { apiClient, type Problem } from "../api/client.ts";
import type { ExportAnswer, ExportRequest } from "../api/contract.ts";
import type { Session } from "../session/session.ts";

/** Where an export stands, as the service tells it, or why it cannot be told. */
export type Exporting =
  | { readonly kind: "idle" }
  /** The service has not answered yet. */
  | { readonly kind: "asked" }
  | { readonly kind: "export"; readonly answer: ExportAnswer }
  | { readonly kind: "problem"; readonly problem: Problem };

/** Whether the service is at it, or was asked to be. */
export function isUnderWay(state: Exporting): boolean {
  return state.kind === "asked" || (state.kind === "export" && ["queued", "running"].includes(state.answer.status));
}

const pauseMs = 2_000;

/** Asks for a pack, and follows it until it is there. */
export function useExport(session: Session): {
  readonly state: Exporting;
  readonly begin: (request: ExportRequest) => void;
  /** Asks again: where an export stands, or for it, where nobody knows whether it was asked for. */
  readonly again: () => void;
} {
  const [state, setState] = useState<Exporting>({ kind: "idle" });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** Counts the exports that were begun here: an answer about an earlier one changes nothing. */
  const current = useRef(0);
  const requested = useRef<ExportRequest>(undefined);
  const followed = useRef<string>(undefined);
  const end = useCallback(() => {
    current.current += 1;
    clearTimeout(timer.current);
  }, []);
  useEffect(() => end, [end]);

  const follow = async (turn: number, asked: ReturnType<typeof ask>): Promise<void> => {
    const reply = await asked;
    if (turn !== current.current) return;
    if (reply.kind === "problem") {
      setState({ kind: "problem", problem: reply.problem });
      return;
    }
    const answer = reply.value;
    followed.current = answer.self;
    setState({ kind: "export", answer });
    if (answer.status === "done" || answer.status === "failed") return;
    timer.current = setTimeout(() => void follow(turn, ask(answer.self)), pauseMs);
  };
  const ask = (path: string) => apiClient(session.idToken).get<ExportAnswer>(path);
  const begin = (request: ExportRequest): void => {
    end();
    setState({ kind: "asked" });
    requested.current = request;
    followed.current = undefined;
    void follow(current.current, apiClient(session.idToken).post<ExportAnswer>("/v1/audit/exports", request));
  };
  const again = (): void => {
    if (followed.current !== undefined) {
      end();
      void follow(current.current, ask(followed.current));
      // Asked for twice before anybody begins it, it is one.
    } else if (requested.current !== undefined) begin(requested.current);
  };
  return { state, begin, again };
}
