import type { Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { TryAgain } from "./try-again.tsx";

/** Something that could not be read: with another try, unless it is not for the reader, who would be told the same again. */
export function ProblemToRetry({ problem, onTry }: { readonly problem: Problem; readonly onTry: () => void }) {
  if (problem.code === "forbidden")
    return <ProblemNotice heading={messages.problem.notShown} sentence={problem.sentence} />;
  return (
    <ProblemNotice sentence={problem.sentence}>
      <TryAgain onTry={onTry} />
    </ProblemNotice>
  );
}
