import { useEffect, useState } from "preact/hooks";
import type { Instant } from "../../../core/encoding/instant.ts";

/** No timer of a browser waits longer: https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#dom-settimeout-dev */
const longestMs = 2 ** 31 - 1;

/**
 * Renders again once an instant is reached: what is answered does not change by the time that passes, and what it comes to does.
 *
 * @param now the service's clock, in milliseconds
 */
export function useInstant(at: Instant | undefined, now: () => number): void {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const left = at === undefined ? 0 : Date.parse(at) - now();
    if (left <= 0) return;
    const timer = setTimeout(() => setRound(round + 1), Math.min(left, longestMs));
    return () => clearTimeout(timer);
  }, [at, round]);
}
