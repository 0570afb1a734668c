import type { ShownPolicy } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { Section } from "../ui/section.tsx";
import { Sentences } from "../ui/sentences.tsx";
import { Apart } from "../ui/text.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { RuleSection } from "./rule-section.tsx";
import { SimulateSection } from "./simulate-section.tsx";
import { VersionSection } from "./version-section.tsx";

export const policyPath = "/v1/policy";

/** Policies change seldom, and whoever changed them looks again. */
export const policyPauseMs = 60_000;

/** The policies in force, for people who do not read YAML, and what they would do. */
export function PolicyPage(props: {
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
}) {
  const words = messages.policy;
  const { value, problem, again } = usePolled<ShownPolicy>(policyPath, { ...props, pause: () => policyPauseMs });
  return (
    <>
      <PageHeading text={words.heading} />
      <p class="lead">{words.lead}</p>
      {problem !== undefined && !props.expired && <ProblemToRetry problem={problem} onTry={again} />}
      {value === undefined && problem === undefined && <Loading onTry={again} />}
      {value !== undefined && (
        <>
          <VersionSection policy={value} />
          {value.rules.map((rule) => (
            <RuleSection key={rule.number} rule={rule} />
          ))}
          {value.policyChange !== undefined && (
            <RuleSection rule={value.policyChange} heading={words.changeRule} gates={false} />
          )}
          <Section id="roles" heading={words.roles}>
            {value.roles.map(({ role, title, sentences }) => (
              <div key={role}>
                <h3>
                  <Apart text={title} />
                </h3>
                <Sentences texts={sentences} />
              </div>
            ))}
          </Section>
          {value.freezeWindows.length > 0 && (
            <Section id="windows" heading={words.windows}>
              <Sentences texts={value.freezeWindows} />
            </Section>
          )}
          <SimulateSection policy={value} {...props} />
        </>
      )}
    </>
  );
}
