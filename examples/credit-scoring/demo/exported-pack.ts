import { randomBytes } from "node:crypto";
import { askForExport, awaitExport, type FinishedExport } from "../../../cli/await-export.ts";
import { apiClient } from "../../../cli/service/api-client.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { Cast } from "./cast.ts";
import { patientFetch } from "./patient-fetch.ts";

/** Exports the archive, or the part that is asked for, and fetches it as the command line does. */
export async function exportedPack(
  { stack, say }: Cast,
  request: object,
  token: string,
): Promise<FinishedExport["pack"] & { readonly content: Uint8Array }> {
  const api = apiClient(stack.addresses.portal);
  const id = await askForExport(api, request, token);
  const { pack } = await awaitExport(api, id, async () => token, {
    now: () => instantFromMs(Date.now()),
    note: say,
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: randomBytes,
  });
  const download = await patientFetch(pack.address);
  if (!download.ok) throw new Error(`The exported pack could not be fetched: ${download.status}.`);
  return { ...pack, content: new Uint8Array(await download.arrayBuffer()) };
}
