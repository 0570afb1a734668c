import type { ApiClient, Reply } from "../api/client.ts";
import type { PasskeyPage, PasskeyView } from "../api/contract.ts";

export const passkeysPath = "/v1/passkeys";

/** Some passkeys, the newest first, as far as they were looked through. */
export interface ListedPasskeys {
  readonly passkeys: readonly PasskeyView[];
  /** Where the older ones begin, if there are any. */
  readonly next?: string;
}

/** More than these are nobody's, and of those who wait for a second person the oldest are forgotten. */
const mostPages = 3;

/** The reader's own passkeys, revoked ones too. */
export function ownPasskeys(client: ApiClient): Promise<Reply<ListedPasskeys>> {
  return listed(client, "&owner=me");
}

/** Everybody's that wait for a second person. */
export function waitingPasskeys(client: ApiClient): Promise<Reply<ListedPasskeys>> {
  return listed(client, "&waiting=true");
}

/** Everybody's that count, from where the last ones of these ended. */
export async function countingPasskeys(client: ApiClient, from?: string): Promise<Reply<ListedPasskeys>> {
  const reply = await listed(client, "", from);
  if (reply.kind === "problem") return reply;
  const passkeys = reply.value.passkeys.filter(
    ({ confirmed, revoked }) => confirmed !== undefined && revoked === undefined,
  );
  return { ...reply, value: { ...reply.value, passkeys } };
}

async function listed(client: ApiClient, wanted: string, begin?: string): Promise<Reply<ListedPasskeys>> {
  const passkeys: PasskeyView[] = [];
  let from = begin;
  for (let page = 1; ; page += 1) {
    const cursor = from === undefined ? "" : `&cursor=${encodeURIComponent(from)}`;
    const reply = await client.get<PasskeyPage>(`${passkeysPath}?limit=100${wanted}${cursor}`);
    if (reply.kind === "problem") return reply;
    const { headers, value } = reply;
    passkeys.push(...value.passkeys);
    from = value.next;
    if (from === undefined) return { kind: "ok", value: { passkeys }, headers };
    if (page === mostPages) return { kind: "ok", value: { passkeys, next: from }, headers };
  }
}
