import {
  type DelegationDeed,
  type DelegationDocument,
  delegationIdOf,
} from "../../core/attestation/delegation-statement.ts";
import type { SignInSettings } from "../options.ts";
import { sendSigned } from "../sign-in/send-signed.ts";
import { requireConfirmed, signStatement } from "../sign-in/sign-statement.ts";
import { statementLines } from "../statement-text.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";
import { type NamedDelegation, whoSigns } from "./delegation-text.ts";
import { delegationsPath, type Planner } from "./plans.ts";
import { deedStatement } from "./requested-delegation.ts";

/** What is done about a delegation, with the names of the two. */
interface AboutDelegation extends NamedDelegation {
  readonly deed: DelegationDeed;
  readonly delegation: DelegationDocument;
}

/** Shows the exact statement, has the person sign it with a fresh login, and hands it in. */
export async function recordDeed(
  { deed, delegation, ...names }: AboutDelegation,
  { service, session, plans }: Planner,
  options: SignInSettings & { readonly yes: boolean; readonly json: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const { identity: person, name } = session.reviewer;
  const { attestationBase } = service.settings;
  const statement = deedStatement(attestationBase, { deed, delegation, person }, service.now());
  const said = `${deed === "delegate" ? "What you sign" : "What you end"}: ${whoSigns({ delegation, ...names }, person)}.`;
  for (const line of [said, "", ...statementLines(statement), ""]) surroundings.note(line);
  if (!options.yes) await requireConfirmed(deed, name, surroundings);
  const acr = deed === "delegate" ? (plans.roles.find(({ role }) => role === delegation.role)?.acr ?? []) : [];
  const idToken = await signStatement(statement, session, { service, options, surroundings, acr });
  const id = delegationIdOf(delegation);
  const path = deed === "delegate" ? delegationsPath : `${delegationsPath}/${id}/revocation`;
  const done = deed === "delegate" ? "The delegation is recorded." : "The delegation is over.";
  const signed = { path, statement, idToken, shownBy: "countersign delegations", done };
  const recorded = await sendSigned(service.api, signed, surroundings);
  surroundings.print(options.json ? jsonText(recorded.body) : recorded.id);
}
