import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { tokenSigner } from "../../../adapters/kms/signer.ts";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { blobReader } from "../../../adapters/s3/blobs.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { passportIssuer } from "../../../core/attestation/passport.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeysInForce } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { checkVerdict } from "./check-verdict.ts";
import { environment } from "./env.ts";
import { issuePassport } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const verifyMachine = machineTokens(readMachineIssuers(env.MACHINE_ISSUERS));
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const kms = new KMSClient({});
const passports = tokenSigner(kms, env.PASSPORT_KEY_ID);

const common = {
  now,
  attestationBase: env.ATTESTATION_BASE,
  promotions,
  blobs: blobReader(new S3Client({}), env.LEDGER_BUCKET),
  verifyingKeys: attestationKeysInForce(kms, env, promotions),
  verifySignature: verifyEcdsa,
};

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) => {
    const identify = async (token: string) => identifyMachine(policy.machines, await verifyMachine(token));
    const check = checkVerdict({ ...common, identify });
    const issue = issuePassport({
      ...common,
      issuer: passportIssuer(env.PORTAL_URL),
      verifyMachine: async (token) => (await identify(token)).identity,
      passportKey: passports.verifyingKey,
      sign: passports.sign,
    });
    return (request) => (request.route.endsWith("/verdict") ? check(request) : issue(request));
  }),
  log,
);
