import type { Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import { PlainPage } from "../plain-page.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { Loading } from "./loading.tsx";
import { ProblemToRetry } from "./problem-to-retry.tsx";

/**
 * A page until what it is about has come: that it is on its way, or what went wrong. With another try, unless the answer
 * would be the same.
 */
export function NotYet({ problem, onTry }: { readonly problem: Problem | undefined; readonly onTry: () => void }) {
  const words = messages.problem;
  if (problem === undefined) {
    return (
      <>
        <h1 class="unseen">{messages.product}</h1>
        <Loading onTry={onTry} />
      </>
    );
  }
  if (problem.code === "forbidden")
    return <PlainPage heading={words.notShown} text={problem.sentence} more={words.forwarded} />;
  if (problem.code === "not-found") return <PlainPage heading={messages.pages.nowhere} text={problem.sentence} />;
  return (
    <>
      <PageHeading text={words.heading} />
      <ProblemToRetry problem={problem} onTry={onTry} />
    </>
  );
}
