import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import { Section } from "../ui/section.tsx";
import { Measures } from "./measures.tsx";

/** What is known from real traffic: the shadow run beside the model that answers, and drift of what runs. */
export function RunningSection({ promotion }: { readonly promotion: ShownPromotion }) {
  const { manifest, reapproves, shadowReport, summary } = promotion;
  const words = messages.running;
  const shadow = (summary?.document.measures ?? []).filter(({ kind }) => kind === "shadow-run");
  const drift = manifest.evidence.filter(({ kind }) => kind === "drift");
  return (
    <Section id="running" heading={words.heading}>
      <h3>{messages.files.evidenceKinds["shadow-run"]}</h3>
      {shadow.length === 0 ? (
        <p>{words.noShadow}</p>
      ) : (
        <Measures caption={messages.files.evidenceKinds["shadow-run"]} measures={shadow} />
      )}
      {shadowReport !== undefined && (
        <p>
          <Where where={shadowReport.name} />
        </p>
      )}
      <h3>{messages.files.evidenceKinds.drift}</h3>
      {reapproves === undefined ? (
        <p>{words.noDrift}</p>
      ) : (
        <p>
          {words.drifted(isOpen(promotion.status))}{" "}
          <a href={promotionHash(reapproves)}>{messages.production.reapproves}</a>
        </p>
      )}
      {drift.length > 0 && (
        <ul>
          {drift.map(({ name }) => (
            <li key={name}>
              <Where where={name} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
