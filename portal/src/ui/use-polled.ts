import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiClient, apiClient, type Problem, type Reply } from "../api/client.ts";
import type { Session } from "../session/session.ts";

/** The latest answer, and what went wrong with the last request, if something did. */
export interface Polled<Value> {
  readonly value?: Value;
  readonly problem?: Problem;
  /** Asks at once: instead of after the pause, and beside a request that is not answered. */
  readonly again: () => void;
}

export interface PollOptions<Value> {
  readonly session: Session;
  /** No request is sent any more: the session is over. */
  readonly expired: boolean;
  readonly onExpired: () => void;
  /** How long until the next request, given the latest answer, in milliseconds. */
  readonly pause: (value: Value | undefined) => number;
  /** What is asked by the clock instead, once there was an answer: what others read too, and may be moments old. */
  readonly laterPath?: string;
  /** How to read it; one answer unless it is given. */
  readonly read?: (client: ApiClient, path: string) => Promise<Reply<Value>>;
}

/** How far off something is stands beside its time in minutes: so often a page is shown anew whose answer stays the same. */
const staleMs = 60_000;

const overCodes: ReadonlySet<string> = new Set(["token-expired", "unauthenticated", "token-invalid"]);

/**
 * Asks for `path` again and again while the page is seen. An answer that is the same changes nothing but how far off its times are, so
 * that nobody is disturbed; a request that fails leaves the last answer standing.
 */
export function usePolled<Value>(path: string, options: PollOptions<Value>): Polled<Value> {
  const [polled, setPolled] = useState<Omit<Polled<Value>, "again">>({});
  const round = useRef<(anyway: boolean) => Promise<void>>(undefined);
  const latest = useRef<{ text: string; value: Value } | undefined>(undefined);
  const shownAt = useRef(0);
  const turn = useRef(0);
  const answered = useRef(0);
  /** It is not for the reader: whoever comes back to the page asks again, the clock does not. */
  const refused = useRef(false);
  const current = useRef(options);
  current.current = options;

  const ask = useCallback(
    async (byClock: boolean): Promise<void> => {
      turn.current += 1;
      const mine = turn.current;
      const { session, onExpired, read, laterPath } = current.current;
      const client = apiClient(session.idToken);
      const asked = byClock && latest.current !== undefined ? (laterPath ?? path) : path;
      const reply = await (read === undefined ? client.get<Value>(asked) : read(client, asked));
      // Another was sent meanwhile and answered: that is the news.
      if (mine < answered.current) return;
      answered.current = mine;
      refused.current = reply.kind === "problem" && reply.problem.code === "forbidden";
      if (reply.kind === "problem") {
        if (overCodes.has(reply.problem.code)) onExpired();
        setPolled((before) => ({ ...before, problem: reply.problem }));
        return;
      }
      const text = JSON.stringify(reply.value);
      if (latest.current?.text !== text) latest.current = { text, value: reply.value };
      const { value } = latest.current;
      const stale = Date.now() - shownAt.current >= staleMs;
      if (stale) shownAt.current = Date.now();
      setPolled((before) => (before.value === value && before.problem === undefined && !stale ? before : { value }));
    },
    [path],
  );

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** How many requests are not answered yet. */
    let asking = 0;
    let ended = false;
    const wanted = (): boolean => !ended && document.visibilityState === "visible" && !current.current.expired;
    const once = async (anyway = false, byClock = false): Promise<void> => {
      if ((asking > 0 && !anyway) || !wanted()) return;
      clearTimeout(timer);
      asking += 1;
      await ask(byClock);
      asking -= 1;
      clearTimeout(timer);
      if (wanted() && !refused.current)
        timer = setTimeout(() => void once(false, true), current.current.pause(latest.current?.value));
    };
    round.current = once;
    const seen = (): void => void once();
    document.addEventListener("visibilitychange", seen);
    void once();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [ask]);
  const again = useCallback(() => void round.current?.(true), []);
  return { ...polled, again };
}
