import type { Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Loading } from "./loading.tsx";
import { TryAgain } from "./try-again.tsx";

/** A page until what it is about has come: that it is on its way, or what went wrong; either way with another try. */
export function NotYet({ problem, onTry }: { readonly problem: Problem | undefined; readonly onTry: () => void }) {
  if (problem === undefined) return <Loading onTry={onTry} />;
  return (
    <>
      <PageHeading text={messages.problem.heading} />
      <ProblemNotice sentence={problem.sentence}>
        <TryAgain onTry={onTry} />
      </ProblemNotice>
    </>
  );
}
