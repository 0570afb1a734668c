import { messages } from "../messages/catalogue.ts";
import { TryAgain } from "./try-again.tsx";
import { useLate } from "./use-late.ts";

/** Something is on its way; says so, and after a while that it takes longer than it should, with a way to ask anew. */
export function Loading({ text = messages.loading, onTry }: { readonly text?: string; readonly onTry?: () => void }) {
  const late = useLate(true);
  return (
    <>
      <div role="status">
        <p>{text}</p>
        {late && <p class="quiet">{messages.load.late}</p>}
      </div>
      {late && onTry !== undefined && <TryAgain onTry={onTry} />}
    </>
  );
}
