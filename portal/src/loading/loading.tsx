import { messages } from "../messages/catalogue.ts";
import { TryAgain } from "./try-again.tsx";
import { useLate } from "./use-late.ts";

/** Something is on its way; says so, and after a while that it takes longer than it should, with a way to ask anew. */
export function Loading(props: {
  readonly text?: string;
  /** What is said after a while, of what may well take that long. */
  readonly later?: string;
  readonly onTry?: () => void;
}) {
  const { text = messages.loading, later = messages.load.late, onTry } = props;
  const late = useLate(true);
  return (
    <>
      <div role="status">
        <p>{text}</p>
        {late && <p class="quiet">{later}</p>}
      </div>
      {late && onTry !== undefined && <TryAgain onTry={onTry} />}
    </>
  );
}
