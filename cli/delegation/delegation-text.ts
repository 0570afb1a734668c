import type { Instant } from "../../core/encoding/instant.ts";
import { type Identity, sameIdentity } from "../../core/promotion/identity.ts";
import type { ShownDelegation } from "../service/answers.ts";
import { oneLine, timeText } from "../terminal-text.ts";

type Scope = ShownDelegation["delegation"]["scope"];

/** What a delegation says, and what the two are called. */
export interface NamedDelegation {
  readonly delegation: Pick<ShownDelegation["delegation"], "delegator" | "role" | "from" | "until"> & {
    readonly scope: Pick<Scope, "model" | "modelType" | "target">;
  };
  readonly delegatorName: string;
  readonly delegateName: string;
}

/** A delegation in one line, as the person whom it is about reads it. */
export function delegationLine(shown: ShownDelegation, reader: Identity, now: Instant): string {
  return `${shown.id.slice(0, 16)}  ${stateOf(shown, now)}  ${whoSigns(shown, reader)}`;
}

/** Who signs in whose place, as what and for how long, with the names that its statement does not have. */
export function whoSigns({ delegation, delegatorName, delegateName }: NamedDelegation, reader: Identity): string {
  const who = sameIdentity(delegation.delegator, reader)
    ? `${oneLine(delegateName)} signs in your place`
    : `you sign in the place of ${oneLine(delegatorName)}`;
  const when = `from ${timeText(delegation.from)} until ${timeText(delegation.until)}`;
  return `${who} as ${oneLine(delegation.role)}${scopeText(delegation.scope)}, ${when}`;
}

/** ` for the model fraud, in the target production`; nothing where it is for any. */
function scopeText({ model, modelType, target }: NamedDelegation["delegation"]["scope"]): string {
  const parts = [
    ...(model === undefined ? [] : [`the model ${oneLine(model)}`]),
    ...(modelType === undefined ? [] : [`the model type ${oneLine(modelType)}`]),
    ...(target === undefined ? [] : [`the target ${oneLine(target)}`]),
  ];
  return parts.length === 0 ? "" : ` for ${parts.join(", ")}`;
}

function stateOf({ revokedAt, delegation }: ShownDelegation, now: Instant): string {
  if (revokedAt !== undefined) return "revoked";
  if (now < delegation.from) return "planned";
  return now < delegation.until ? "in force" : "over";
}
