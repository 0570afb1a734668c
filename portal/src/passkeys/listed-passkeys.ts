import type { ApiClient, Reply } from "../api/client.ts";
import type { PasskeyPage, PasskeyView } from "../api/contract.ts";

export const passkeysPath = "/v1/passkeys";

/** Some passkeys, the newest first, as far as they were looked through. */
export interface ListedPasskeys {
  readonly passkeys: readonly PasskeyView[];
  /** There are older ones. */
  readonly more: boolean;
}

/** More than these are nobody's, and of those who wait for a second person the oldest are forgotten. */
const mostPages = 3;

/** The reader's own passkeys, revoked ones too. */
export function ownPasskeys(client: ApiClient): Promise<Reply<ListedPasskeys>> {
  return listed(client, "owner=me");
}

/** Everybody's that wait for a second person. */
export function waitingPasskeys(client: ApiClient): Promise<Reply<ListedPasskeys>> {
  return listed(client, "waiting=true");
}

async function listed(client: ApiClient, wanted: string): Promise<Reply<ListedPasskeys>> {
  const passkeys: PasskeyView[] = [];
  let from = "";
  for (let page = 1; ; page += 1) {
    const reply = await client.get<PasskeyPage>(`${passkeysPath}?${wanted}&limit=100${from}`);
    if (reply.kind === "problem") return reply;
    const { headers, value } = reply;
    passkeys.push(...value.passkeys);
    const more = value.next !== undefined;
    if (value.next === undefined || page === mostPages) return { kind: "ok", value: { passkeys, more }, headers };
    from = `&cursor=${encodeURIComponent(value.next)}`;
  }
}
