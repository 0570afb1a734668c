import { useEffect, useRef } from "preact/hooks";
import type { Simulation } from "../../../core/policy/simulation.ts";
import { messages } from "../messages/catalogue.ts";
import { ExplanationTree } from "../review/approval.tsx";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Sentences } from "../ui/sentences.tsx";

const tones: Record<Simulation["outcome"], Tone> = {
  "would-pass": "good",
  "would-be-blocked": "bad",
  "would-wait": "warn",
};

/** What would become of the request: the outcome and its reasons first, then seat by seat. */
export function SimulationResult({ simulation }: { readonly simulation: Simulation }) {
  const words = messages.policy;
  const { outcome, why, rule, gates, excluded, explanation, notes } = simulation;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [simulation]);
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        {words.result}: <Badge tone={tones[outcome]} text={words.outcomes[outcome]} />
      </h3>
      <Sentences texts={why} />
      {rule !== undefined && <p>{words.applies(rule.number)}</p>}
      {gates !== undefined && gates.outcome !== "not-judged" && <p>{words.gateOutcomes[gates.outcome]}</p>}
      {excluded.length > 0 && (
        <>
          <h4>{words.excluded}</h4>
          <Sentences texts={excluded.map((each) => `${each.name} ${each.why}.`)} />
        </>
      )}
      {explanation !== undefined && (
        <>
          <h4>{words.approval}</h4>
          <ExplanationTree explanation={explanation} />
        </>
      )}
      {notes.length > 0 && (
        <>
          <h4>{words.notes}</h4>
          <Sentences texts={notes} />
        </>
      )}
    </>
  );
}
