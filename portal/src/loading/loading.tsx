import { useEffect, useState } from "preact/hooks";
import { messages } from "../messages/catalogue.ts";

const patienceMs = 5_000;

/** Something is on its way; says so, and after a while that it takes longer than it should. */
export function Loading({ text = messages.loading }: { readonly text?: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status">
      <p>{text}</p>
      {late && <p class="quiet">{messages.load.late}</p>}
    </div>
  );
}
