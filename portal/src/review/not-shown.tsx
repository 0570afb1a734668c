import { Fragment } from "preact";
import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { documentOf, Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";

type Kind = EvidenceSummary["evidence"][number]["kind"];

/** The documents of these kinds of which nothing is shown: a summary holds what the first few say. */
export function NotShown(props: {
  readonly summary: EvidenceSummary;
  readonly kinds: readonly Kind[];
  /** Where what is shown was read. */
  readonly places: readonly string[];
}) {
  const shown = new Set(props.places.map(documentOf));
  const others = props.summary.evidence.filter(
    ({ kind, name, readable }) => readable && props.kinds.includes(kind) && !shown.has(name),
  );
  if (others.length === 0) return null;
  return (
    <p>
      {messages.notShown}
      {others.map(({ name }) => (
        <Fragment key={name}>
          {" "}
          <Where where={name} />
        </Fragment>
      ))}
    </p>
  );
}
