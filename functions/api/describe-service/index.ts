import { KMSClient } from "@aws-sdk/client-kms";
import { attestationSigner, checkpointSigner } from "../../../adapters/kms/signer.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { describeService } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const kms = new KMSClient({});

export const handler = answering(
  describeService({
    settings: {
      issuer: env.OIDC_ISSUER,
      portalClientId: env.PORTAL_CLIENT_ID,
      cliClientId: env.CLI_CLIENT_ID,
      attestationBase: env.ATTESTATION_BASE,
      logOrigin: env.LOG_ORIGIN,
    },
    attestationKey: attestationSigner(kms, env.ATTESTATION_KEY_ID).verifyingKey,
    checkpointKey: checkpointSigner(kms, env.CHECKPOINT_KEY_ID).publicKey,
  }),
  log,
);
