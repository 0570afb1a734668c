import { type PendingSignIn, takePending } from "./pending-sign-in.ts";

/** Somebody came back from the identity provider. */
export interface Arrival {
  readonly parameters: URLSearchParams;
  /** Absent where this tab did not begin that sign-in. */
  readonly pending?: PendingSignIn;
}

/**
 * Whether the page was opened with the answer of an identity provider (OpenID Connect Core 1.0 section 3.1.2.5). The
 * answer is taken out of the address at once: it works once, and must not be in the history.
 */
export function arrivalAt(address: URL, storage: Storage, replace: (fragment: string) => void): Arrival | undefined {
  const { searchParams: parameters } = address;
  if (!parameters.has("code") && !parameters.has("error")) return undefined;
  const pending = takePending(parameters.get("state"), storage);
  replace(pending?.returnTo ?? "#/");
  return { parameters, ...(pending === undefined ? {} : { pending }) };
}
