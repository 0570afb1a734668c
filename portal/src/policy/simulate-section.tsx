import { useState } from "preact/hooks";
import type { DescribedPolicy } from "../../../core/policy/describe-policy.ts";
import type { Simulation } from "../../../core/policy/simulation.ts";
import { apiClient, type Reply } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { Choice } from "../ui/choice.tsx";
import { Field } from "../ui/field.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Section } from "../ui/section.tsx";
import { nothingFilledIn, type SimulationFields, simulationBody } from "./simulation-fields.ts";
import { SimulationResult } from "./simulation-result.tsx";

/** Asks what would become of a request. */
export function SimulateSection({ policy, session }: { readonly policy: DescribedPolicy; readonly session: Session }) {
  const words = messages.policy;
  const [fields, setFields] = useState<SimulationFields>(() => nothingFilledIn(policy));
  const [reply, setReply] = useState<Reply<Simulation>>();
  const [working, setWorking] = useState(false);
  const set = (changed: Partial<SimulationFields>) => setFields({ ...fields, ...changed });
  const ask = async (): Promise<void> => {
    setWorking(true);
    const api = apiClient(session.idToken);
    setReply(await api.post<Simulation>("/v1/policy/simulations", simulationBody(fields, policy)));
    setWorking(false);
  };
  const text = (
    name: "model" | "trainedBy" | "approve" | "reject" | "at",
    type: "text" | "datetime-local" = "text",
  ) => (
    <Field
      id={`simulate-${name}`}
      label={words[name]}
      type={type}
      value={fields[name]}
      onValue={(value) => set({ [name]: value })}
    />
  );
  const scale = (name: "riskTier" | "dataClass", values: readonly string[]) =>
    values.length > 0 && (
      <Choice
        id={`simulate-${name}`}
        label={words[name]}
        value={fields[name]}
        options={[["", words.asTheMatrixSays], ...values.map((value) => [value, value] as const)]}
        onValue={(value) => set({ [name]: value })}
      />
    );
  return (
    <Section id="try" heading={words.try}>
      <p>{words.tryLead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void ask();
        }}
      >
        <div class="fields">
          <Choice
            id="simulate-rule"
            label={words.forRule}
            value={fields.rule}
            options={policy.rules.map(({ number, modelType, target }) => [
              String(number),
              words.rule(number, modelType, target),
            ])}
            onValue={(rule) => set({ rule })}
          />
          {text("model")}
          <Choice
            id="simulate-release"
            label={words.release}
            value={fields.release}
            options={[
              ["update", words.update],
              ["first", words.first],
            ]}
            onValue={(value) => set({ release: value === "first" ? "first" : "update" })}
          />
          {scale("riskTier", policy.riskTiers)}
          {scale("dataClass", policy.dataClasses)}
          {text("trainedBy")}
          {text("approve")}
          {text("reject")}
          {text("at", "datetime-local")}
        </div>
        <button type="submit" class="main" aria-disabled={working}>
          {words.button}
        </button>
      </form>
      <div role="status">{working && <p>{words.working}</p>}</div>
      {reply?.kind === "problem" && <ProblemNotice sentence={reply.problem.sentence} />}
      {reply?.kind === "ok" && <SimulationResult simulation={reply.value} />}
    </Section>
  );
}
