import type { Envelope } from "./dsse.ts";

/** The media type of a Sigstore bundle v0.3 in JSON (sigstore/protobuf-specs, sigstore_bundle.proto). */
const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** A Sigstore bundle v0.3 around a DSSE envelope that one public key signed: no certificate, no public log. */
export interface SigstoreBundle {
  readonly mediaType: typeof bundleMediaType;
  readonly verificationMaterial: {
    readonly publicKey: { readonly hint: string };
    readonly tlogEntries: readonly never[];
  };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
}

/**
 * The bundle of an envelope; the key's hint is the envelope's key id. The signature inside names no key: cosign takes
 * a key id there for the SSH fingerprint of the key it was given and, where it differs, for another key's.
 */
export function sigstoreBundle(envelope: Envelope): SigstoreBundle {
  // In the order of canonical JSON, so that writing it need not arrange it.
  return {
    dsseEnvelope: {
      payload: envelope.payload,
      payloadType: envelope.payloadType,
      signatures: envelope.signatures.map(({ sig }) => ({ sig })),
    },
    mediaType: bundleMediaType,
    verificationMaterial: { publicKey: { hint: envelope.signatures[0]?.keyid ?? "" }, tlogEntries: [] },
  };
}
