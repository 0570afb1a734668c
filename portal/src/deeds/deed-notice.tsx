import { useEffect, useRef } from "preact/hooks";
import { isUnjudged, type Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import { Foreign } from "../ui/text.tsx";

/** What became of a deed that the reader comes back from signing: `done`, unless there was a problem. Takes the focus. */
export function DeedNotice({ done, problem }: { readonly done: string; readonly problem: Problem | undefined }) {
  const words = messages.deed;
  const notice = useRef<HTMLHeadingElement>(null);
  useEffect(() => notice.current?.focus(), []);
  if (problem === undefined) {
    return (
      <h2 class="notice good told" ref={notice} tabIndex={-1}>
        {done}
      </h2>
    );
  }
  return (
    <div class="notice bad">
      <h2 class="told" ref={notice} tabIndex={-1}>
        {isUnjudged(problem) ? words.unknown : words.refused}
      </h2>
      <p>
        <Foreign text={problem.sentence} />
      </p>
      {isUnjudged(problem) && <p>{words.unknownText}</p>}
    </div>
  );
}
