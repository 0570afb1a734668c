import type { ShownPolicy } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { TryAgain } from "../loading/try-again.tsx";
import { messages } from "../messages/catalogue.ts";
import { policyPath, policyPauseMs } from "../policy/policy-page.tsx";
import { VersionSection } from "../policy/version-section.tsx";
import type { Session } from "../session/session.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { usePolled } from "../ui/use-polled.ts";

/** Which policies judge at the moment, for auditors. */
export function PolicyInForce(props: {
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
}) {
  const { value, problem, again } = usePolled<ShownPolicy>(policyPath, { ...props, pause: () => policyPauseMs });
  if (value !== undefined) return <VersionSection policy={value} />;
  // Whoever is not shown them is not told so on a page that is for everybody.
  if (problem?.code === "forbidden") return null;
  if (problem === undefined) return <Loading onTry={again} />;
  return (
    <ProblemNotice heading={messages.policy.version.heading} sentence={problem.sentence}>
      <TryAgain onTry={again} />
    </ProblemNotice>
  );
}
