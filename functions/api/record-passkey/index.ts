import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { passkeyStore } from "../../../adapters/dynamodb/passkeys.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice, verifyRegistration } from "../../../adapters/webauthn/passkeys.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { signerInUse } from "../../keys/signer-in-use.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { recordedSignIns } from "../recorded-sign-ins.ts";
import { environment } from "./env.ts";
import { recordPasskey } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const portal = new URL(env.PORTAL_URL);
const signer = signerInUse(new KMSClient({}), env, promotionStore(dynamodb, env.PROMOTIONS_TABLE));

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    recordPasskey({
      now,
      attestationBase: env.ATTESTATION_BASE,
      portal: { rpId: portal.hostname, origin: portal.origin },
      policy: { roles: policy.matrix.roles, people: policy.people, groups: policy.groups },
      passkeys: passkeyStore(dynamodb, env.PROMOTIONS_TABLE),
      directory: reviewerDirectory(env),
      // A passkey lives in a browser, and so does whoever enrols, confirms or revokes one.
      verifyReviewer: recordedSignIns(dynamodb, env, {
        issuer: env.OIDC_ISSUER,
        audiences: [env.PORTAL_CLIENT_ID],
        subjectClaim: env.OIDC_SUBJECT_CLAIM,
      }),
      verifyRegistration,
      verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
      sign: signer.sign,
      verifyingKey: signer.verifyingKey,
    }),
  ),
  log,
);
