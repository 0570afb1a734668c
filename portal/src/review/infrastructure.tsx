import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { InfrastructureSummary } from "../../../core/gates/summary-release.ts";
import { Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";
import { costDirection, hasAccelerators, mayBeMore } from "./cost-direction.ts";
import { NotShown } from "./not-shown.tsx";

/** What the infrastructure plan would change, in words. */
export function InfrastructureSection({ summary }: { readonly summary: EvidenceSummary }) {
  const { infrastructure } = summary;
  if (infrastructure.length === 0) return null;
  return (
    <Section id="infrastructure" heading={messages.infrastructure.heading}>
      {infrastructure.map((plan) => (
        <Plan key={plan.where} plan={plan} />
      ))}
      <NotShown summary={summary} kinds={["iac-plan"]} places={infrastructure.map(({ where }) => where)} />
    </Section>
  );
}

function Plan({ plan }: { readonly plan: InfrastructureSummary }) {
  const { where, counts, changes, more, machines, machinesBefore = [] } = plan;
  const accelerated = machines.flatMap(({ type }) => (type !== null && hasAccelerators(type) ? [type] : []));
  const words = messages.infrastructure;
  const lost = counts.delete + counts.replace;
  return (
    <>
      <p>
        <Badge tone={lost === 0 ? "good" : "warn"} text={words.lost(lost)} /> <Where where={where} />
      </p>
      <p>{words.counts(counts)}</p>
      {machines.length + (machinesBefore?.length ?? 1) === 0 ? (
        <p>{words.noMachines}</p>
      ) : (
        <>
          {machines.length > 0 && (
            <p>
              <Foreign text={words.machines(machines)} /> {mayBeMore(machines) && `${words.maybeMore} `}
              {(accelerated.length > 0 || !mayBeMore(machines)) && (
                <Foreign text={accelerated.length === 0 ? words.noAccelerators : words.accelerators(accelerated)} />
              )}
            </p>
          )}
          <p>
            {machinesBefore !== null && machinesBefore.length > 0 && (
              <>
                <Foreign text={words.machinesBefore(machinesBefore)} />{" "}
              </>
            )}
            {words.cost[costDirection(machinesBefore, machines)]}
          </p>
        </>
      )}
      <ul class="plain-list">
        {changes.map(({ action, type, address }) => (
          <li key={`${action} ${address}`}>
            <Foreign text={words.change(action, type, address)} />
          </li>
        ))}
      </ul>
      {more > 0 && <p>{words.more(more)}</p>}
    </>
  );
}
