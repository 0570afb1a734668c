import { oneLine } from "../terminal-text.ts";
import { answers, type ListedPromotion, readAnswer } from "./answers.ts";
import { type ApiClient, bodyOf } from "./api-client.ts";

export interface ListedPromotions {
  readonly promotions: readonly ListedPromotion[];
  /** The ids of those that the service has and cannot read. */
  readonly unreadable: readonly string[];
  /** Whether there may be more than were asked for. */
  readonly more: boolean;
}

/** A page may be short or empty while there is a next one; a server that never stops listing must not hang a command. */
export const mostIdlePages = 50;

/** The newest promotions of a query, `most` of them at most, whatever the pages are cut to. */
export async function listedPromotions(
  api: ApiClient,
  token: () => Promise<string>,
  query: Readonly<Record<string, string>>,
  most: number,
): Promise<ListedPromotions> {
  const found: ListedPromotion[] = [];
  const unreadable = new Set<string>();
  let cursor: Readonly<Record<string, string>> = {};
  for (let idle = 0; idle < mostIdlePages; ) {
    // As everything that takes apart a query understands it; `+` is a space to some alone.
    const asked = Object.entries({ ...query, limit: "100", ...cursor })
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const body = bodyOf(await api.get(`/v1/promotions?${asked}`, await token()));
    const { promotions, unreadable: broken = [], next } = readAnswer(answers.page, body);
    found.push(...promotions);
    for (const id of broken) unreadable.add(id);
    if (found.length > most) break;
    if (next === undefined) return { promotions: found, unreadable: [...unreadable], more: false };
    idle = promotions.length === 0 ? idle + 1 : 0;
    cursor = { cursor: next };
  }
  return { promotions: found.slice(0, most), unreadable: [...unreadable], more: true };
}

/** What is said of what the service has and cannot read; `undefined` where it reads all. */
export function unreadableSentence(ids: readonly string[]): string | undefined {
  if (ids.length === 0) return undefined;
  const named = ids.map((id) => oneLine(id)).join(", ");
  return `Not listed, since the service cannot read them: ${named}. Whoever runs it has to look into that.`;
}
