/** A pack that was fetched, or why not. */
export type FetchedPack = { readonly kind: "fetched"; readonly file: File } | { readonly kind: "failed" };

/**
 * Fetches a pack by the address that opens it, which is sent to nobody else. A pack that is not as long as the service
 * says was cut off on the way: what is in it is for verification to judge.
 */
export async function fetchPack(
  { address, bytes }: { readonly address: string; readonly bytes: number },
  name: string,
  signal: AbortSignal,
): Promise<FetchedPack> {
  try {
    const response = await fetch(address, { signal, credentials: "omit", referrerPolicy: "no-referrer" });
    if (!response.ok) return { kind: "failed" };
    const content = await response.blob();
    return content.size === bytes ? { kind: "fetched", file: new File([content], name) } : { kind: "failed" };
  } catch {
    // No connection, or the page was left.
    return { kind: "failed" };
  }
}
