import type { ApiClient, Reply } from "../api/client.ts";
import type { AttestationsAnswer } from "../api/contract.ts";

/** Everything that was signed about a promotion, or by the reader, however many pages that is. */
export async function fetchAttestations(
  client: ApiClient,
  promotion: string,
  { own = false }: { readonly own?: boolean } = {},
): Promise<Reply<AttestationsAnswer>> {
  const path = `/v1/promotions/${promotion}/attestations?own=${own}`;
  const first = await client.get<AttestationsAnswer>(path);
  if (first.kind === "problem") return first;
  const { next: _, ...whole } = first.value;
  const signOffs = [...whole.signOffs];
  for (let { next } = first.value; next !== undefined; ) {
    const page = await client.get<AttestationsAnswer>(`${path}&from=${next}`);
    if (page.kind === "problem") return page;
    signOffs.push(...page.value.signOffs);
    next = page.value.next;
  }
  return { ...first, value: { ...whole, signOffs } };
}
