import { changesPolicies } from "../../../core/policy/change-words.ts";
import { nextStep } from "../../../core/promotion/next-step.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { deadlineOf } from "../inbox/urgency.ts";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { LongForeign } from "../ui/text.tsx";
import { TimeAndDistance } from "../ui/time.tsx";

/** How each status reads at a glance. */
export const statusTones: Record<Status, Tone> = {
  gating: "plain",
  blocked: "bad",
  shadowing: "plain",
  "in-review": "plain",
  approved: "good",
  deploying: "good",
  deployed: "good",
  rejected: "bad",
  expired: "warn",
  withdrawn: "warn",
  superseded: "warn",
  "rolled-back": "bad",
  failed: "bad",
  loaned: "warn",
  restricted: "bad",
};

/** Where the promotion stands and what is needed next. Changes are read out as they come. */
export function Stand({ promotion, now }: { readonly promotion: ShownPromotion; readonly now: number }) {
  const { status, stage, reason, explanation, supersededBy, reapproval, reapproves, drift } = promotion;
  const words = messages.review;
  const next = nextStep(status, changesPolicies(promotion.manifest.model));
  return (
    <div class="stand">
      <div role="status">
        <p>
          <Badge
            tone={statusTones[status]}
            text={messages.statusOf(status, changesPolicies(promotion.manifest.model))}
          />{" "}
          <LongForeign text={reason ?? explanation.why} />
        </p>
        {next !== undefined && <p>{next}</p>}
        {supersededBy !== undefined && (
          <p>
            <a href={promotionHash(supersededBy)}>{words.supersededBy}</a>
          </p>
        )}
        {reapproval !== undefined && (
          <p>
            <a href={promotionHash(reapproval)}>{messages.production.reapproval}</a>
          </p>
        )}
        {drift !== undefined && (
          <p>
            <LongForeign text={drift} />
          </p>
        )}
        {reapproves !== undefined && (
          <p>
            <a href={promotionHash(reapproves)}>{messages.production.reapproves}</a>
          </p>
        )}
      </div>
      {status === "in-review" && stage !== undefined && (
        <p>
          {words.stageUntil} <TimeAndDistance at={deadlineOf(promotion)} now={now} />
        </p>
      )}
    </div>
  );
}
