import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { documentOf, Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";
import { NotShown } from "./not-shown.tsx";

/** Data schema, personal data and the security scan. */
export function ChecksSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.checks;
  const scans = Map.groupBy(summary.scans, ({ where }) => documentOf(where));
  const checks = [
    ...summary.schema.map(({ violations, where }) => ({
      good: violations === 0,
      text: words.schema(violations),
      where,
    })),
    ...summary.pii.map(({ columns, more, where }) => ({
      good: columns.length === 0,
      text: columns.length === 0 ? words.noPii : words.pii(columns, more),
      where,
    })),
    ...[...scans].map(([where, findings]) => ({
      good: findings.every(({ severity, count }) => count === 0 || severity === "medium" || severity === "low"),
      text: words.scan(findings.map(({ severity, count }) => [severity, count] as const)),
      where,
    })),
  ];
  return (
    <Section id="checks" heading={words.heading}>
      {checks.length === 0 && <p>{words.none}</p>}
      <ul class="plain-list">
        {checks.map(({ good, text, where }) => (
          <li key={`${text} ${where}`} class="attention">
            <Badge
              tone={good ? "good" : "warn"}
              text={good ? messages.findingStatuses.passed : messages.attention.kinds.unusual}
            />
            <div>
              <Foreign text={text} /> <Where where={where} />
            </div>
          </li>
        ))}
      </ul>
      <NotShown summary={summary} kinds={["data-schema", "security-scan"]} places={checks.map(({ where }) => where)} />
    </Section>
  );
}
