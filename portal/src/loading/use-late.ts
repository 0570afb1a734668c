import { useEffect, useState } from "preact/hooks";

const patienceMs = 5_000;

/** Whether something has been going on for longer than it should. */
export function useLate(goesOn: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!goesOn) return undefined;
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [goesOn]);
  return late;
}
