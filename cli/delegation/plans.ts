import { type DelegationDocument, delegationIdOf } from "../../core/attestation/delegation-statement.ts";
import { Failure } from "../../core/failure.ts";
import type { SignInSettings } from "../options.ts";
import { answers, readAnswer, type ShownDelegation, type ShownPlans } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { describedService, type Service } from "../service/service.ts";
import { type SignedIn, signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";

export const delegationsPath = "/v1/delegations";

/** Somebody who has signed in, and what the service says of their absence and delegations. */
export interface Planner {
  readonly service: Service;
  readonly session: SignedIn;
  readonly plans: ShownPlans;
  /** The answer as it came. */
  readonly body: unknown;
}

/** Has a person sign in and reads their plans. */
export async function plannerAt(
  options: SignInSettings & { readonly url: string },
  surroundings: Surroundings,
): Promise<Planner> {
  const service = await describedService(apiClient(options.url), surroundings);
  const session = await signIn(service, { kind: "reading" }, options, surroundings);
  const body = bodyOf(await service.api.get(delegationsPath, session.idToken));
  return { service, session, plans: readAnswer(answers.plans, body), body };
}

/**
 * The delegation that an id, or how one begins, names. Throws `not-found` where none or several are meant, and
 * `statement-mismatch` where the document that is shown is not the one of its id: nobody has to believe the service.
 */
export function namedDelegation(
  { delegations }: Pick<ShownPlans, "delegations">,
  id: string,
): Pick<ShownDelegation, "revokedAt" | "delegatorName" | "delegateName"> & { readonly delegation: DelegationDocument } {
  if (!/^[0-9a-f]{8,64}$/.test(id))
    throw new Failure("invalid-request", "A delegation's id is 64 hexadecimal digits; the first 8 are enough.");
  const [found, other] = delegations.filter((each) => each.id.startsWith(id));
  if (found === undefined) throw new Failure("not-found", "You gave and were given no such delegation.");
  if (other !== undefined)
    throw new Failure("invalid-request", "Several delegations begin like that; give more of the id.");
  const delegation = found.delegation as unknown as DelegationDocument;
  const { delegatorName, delegateName } = found;
  if (delegationIdOf(delegation) === found.id)
    return {
      delegation,
      delegatorName,
      delegateName,
      ...(found.revokedAt === undefined ? {} : { revokedAt: found.revokedAt }),
    };
  throw new Failure(
    "statement-mismatch",
    "The service shows another delegation than the one of that id. Do not sign; tell those who run it.",
  );
}
