import { titleOf } from "../../../core/approval/entitlement.ts";
import type { Explanation, ExplanationStatus } from "../../../core/approval/explanation.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import { conditionsText, inForceText } from "../../../core/promotion/release-conditions.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Section } from "../ui/section.tsx";
import { Apart, Foreign, LongForeign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { Seats } from "./seats.tsx";

const tones: Record<ExplanationStatus, Tone> = {
  met: "good",
  open: "plain",
  waiting: "plain",
  rejected: "bad",
  unreachable: "warn",
};

/** The explanation tree: who signed, who still could, whose vote does not count and why; and the sign-offs themselves. */
export function ApprovalSection({ promotion }: { readonly promotion: ShownPromotion }) {
  const words = messages.approval;
  const { roles } = promotion.requirements.document;
  return (
    <Section id="approval" heading={words.heading}>
      {promotion.conditions !== undefined && (
        <p class="notice warn">{words.conditions(inForceText(promotion.conditions))}</p>
      )}
      <ExplanationTree explanation={promotion.explanation} over={hasEnded(promotion.status)} />
      {promotion.signOffs.length > 0 && (
        <>
          <h3>{words.signOffs}</h3>
          <ul>
            {promotion.signOffs.map((signOff) => (
              <li key={signOff.id}>
                <Foreign text={signOff.reviewer} />{" "}
                {words.signedAs(
                  signOff.result,
                  signOff.roles.map((role) => titleOf(roles, role)),
                )}
                , <Time at={signOff.recordedAt} />
                {signOff.conditions !== undefined && (
                  <p>{messages.decide.sign.conditions(conditionsText(signOff.conditions))}</p>
                )}
                {signOff.reason !== "" && (
                  <blockquote>
                    <LongForeign text={signOff.reason} />
                  </blockquote>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

/** The outcome of the approval rules, part by part. `over`: nobody can sign any more, so nobody is said to wait. */
export function ExplanationTree(props: { readonly explanation: Explanation; readonly over?: boolean }) {
  return (
    <ul class="tree">
      <Part part={props.explanation} over={props.over === true} />
    </ul>
  );
}

function Part({ part, over }: { readonly part: Explanation; readonly over: boolean }) {
  const words = messages.approval;
  const undecided = over && (part.status === "open" || part.status === "waiting");
  return (
    <li>
      <p class="part">
        <strong>
          <Apart text={part.name} />
        </strong>{" "}
        <Badge
          tone={tones[part.status]}
          text={undecided ? words.undecided : messages.explanationStatuses[part.status]}
        />
      </p>
      {!undecided && (
        <p>
          <LongForeign text={part.why} />
        </p>
      )}
      {part.seats !== undefined && <Seats seats={part.seats} over={over} />}
      {part.dismissed?.map(({ person, why }) => (
        <p key={`${identityKey(person.identity)} ${why}`} class="seat quiet">
          {words.notCounting}: <Foreign text={`${person.name} ${why}.`} />
        </p>
      ))}
      {part.children.length > 0 && (
        <ul>
          {part.children.map((child, at) => (
            <Part key={`${at} ${child.name}`} part={child} over={over} />
          ))}
        </ul>
      )}
    </li>
  );
}
