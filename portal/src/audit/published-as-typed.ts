import { knownByServices, type PublishedService, publishedTexts } from "../../../core/archive/kept-service.ts";
import type { KnownText } from "./verifier/known-keys.ts";

/** What a deployment publishes, as the reader would type it; of no answer, nothing. Throws `pack-invalid` where they are of several deployments. */
export function publishedAsTyped(services: readonly PublishedService[]): Partial<KnownText> {
  if (services.length === 0) return {};
  const { pems, verifierKeys, issuers, audiences, origins } = publishedTexts(services);
  return {
    keys: [...pems, ...verifierKeys.map((key) => `${key}\n`)].join(""),
    issuers: issuers.join(" "),
    audiences: audiences.join(" "),
    origins: origins.join(" "),
    subjectClaims: knownByServices(services).subjectClaims ?? [],
  };
}
