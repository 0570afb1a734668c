import type { DescribedRequirement, DescribedRule } from "../../../core/policy/describe-policy.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Sentences } from "../ui/sentences.tsx";
import { Apart, Foreign } from "../ui/text.tsx";

/** One rule of the matrix in sentences: its stages in order, and what the gates ask before anybody is asked. */
export function RuleSection(props: {
  readonly rule: DescribedRule;
  /** Instead of what it is for. */
  readonly heading?: string;
  /** `false` where no thresholds judge. */
  readonly gates?: boolean;
}) {
  const words = messages.policy;
  const { number, modelType, target, sentences, stages, gates } = props.rule;
  return (
    <Section id={`rule-${number}`} heading={props.heading ?? words.rule(number, modelType, target)}>
      <Sentences texts={sentences} />
      <h3>{words.stages}</h3>
      <ol>
        {stages.map((stage) => (
          <li key={stage.name}>
            <strong>
              <Apart text={stage.name} />
            </strong>
            <ul>
              <Asked requirement={stage.requires} />
              {stage.sentences.map((text) => (
                <li key={text}>
                  <Foreign text={text} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {props.gates === false ? null : gates.length === 0 ? (
        <p class="notice warn">{words.noGates}</p>
      ) : (
        <details>
          <summary>{words.gates}</summary>
          <Sentences texts={gates} />
        </details>
      )}
    </Section>
  );
}

function Asked({ requirement }: { readonly requirement: DescribedRequirement }) {
  const { text, parts } = requirement;
  return (
    <li>
      <Foreign text={parts.length === 0 ? `${text}.` : `${text}:`} />
      {parts.length > 0 && (
        <ul>
          {parts.map((part, at) => (
            <Asked key={`${at} ${part.text}`} requirement={part} />
          ))}
        </ul>
      )}
    </li>
  );
}
