import { GenerateMacCommand, type KMSClient, VerifyMacCommand } from "@aws-sdk/client-kms";
import type { GenerateMac, VerifyMac } from "../../core/attestation/review-link.ts";
import { Failure } from "../../core/failure.ts";

/** Makes the MACs of review links with an HMAC_256 key that never leaves KMS. */
export function linkMac(client: KMSClient, keyId: string): GenerateMac {
  return async (message) => {
    const { Mac: mac } = await client.send(
      new GenerateMacCommand({ KeyId: keyId, Message: message, MacAlgorithm: "HMAC_SHA_256" }),
    );
    if (mac === undefined) throw new Failure("unavailable", "The key service gave an empty answer.");
    return mac;
  };
}

/**
 * Checks the MACs of review links by any of the keys, the one in use first: a link outlives the change of its key. One of the others
 * that somebody disabled, or that is to be deleted or is, has made none that counts any more.
 */
export function linkMacCheck(client: KMSClient, keyIds: readonly string[]): VerifyMac {
  return async (message, mac) => {
    for (const [at, keyId] of keyIds.entries()) if (await isBy(keyId, message, mac, at > 0)) return true;
    return false;
  };

  async function isBy(keyId: string, message: Uint8Array, mac: Uint8Array, mayBeGone: boolean): Promise<boolean> {
    try {
      const { MacValid: valid } = await client.send(
        new VerifyMacCommand({ KeyId: keyId, Message: message, Mac: mac, MacAlgorithm: "HMAC_SHA_256" }),
      );
      return valid === true;
    } catch (error) {
      const name = error instanceof Error ? error.name : "";
      if (name === "KMSInvalidMacException" || (mayBeGone && gone.includes(name))) return false;
      throw error;
    }
  }
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html */
const gone: readonly string[] = ["DisabledException", "KMSInvalidStateException", "NotFoundException"];
