import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { describe, expect, it } from "vitest";
import { type PassportClaims, passportClaims } from "../../../core/attestation/passport.ts";
import { digestOf, id, manifest, now } from "../../core/promotion/promotion-in-review.ts";

const issuer = "https://countersign.bank.example/v1/passports";
const provider = "arn:aws:iam::111122223333:oidc-provider/countersign.bank.example/v1/passports";
/** The simulation knows condition keys by a list, and of issuers of one's own none: there its keys bear a known one's name. */
const knownIssuer = "cognito-identity.amazonaws.com";
const trust: unknown = JSON.parse(
  readFileSync(new URL("../../../examples/passport/aws-trust-policy.json", import.meta.url), "utf8").replaceAll(
    /"countersign\.bank\.example\/v1\/passports:/g,
    `"${knownIssuer}:`,
  ),
);

const good = passportClaims({
  issuer,
  audience: "sts.amazonaws.com",
  promotion: id,
  manifest,
  freezeDigest: digestOf("freeze"),
  verdict: digestOf("verdict"),
  number: 1,
  at: now,
});

/** The keys that STS makes of a web identity: the issuer's address without its scheme, and the session's tags. */
function contextOf(claims: PassportClaims): Record<string, string | string[]> {
  const name = claims.iss === issuer ? knownIssuer : claims.iss;
  const tags = claims["https://aws.amazon.com/tags"].principal_tags;
  return {
    [`${name}:aud`]: claims.aud,
    [`${name}:sub`]: claims.sub,
    "aws:TagKeys": Object.keys(tags),
    ...Object.fromEntries(Object.entries(tags).map(([tag, [value]]) => [`aws:RequestTag/${tag}`, value])),
  };
}

async function decisionOn(claims: PassportClaims, federated = provider): Promise<string> {
  const result = await runSimulation(
    {
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: trust,
      request: {
        action: "sts:AssumeRoleWithWebIdentity",
        principal: federated,
        resource: { resource: "arn:aws:iam::111122223333:role/deploy-credit-scoring", accountId: "111122223333" },
        contextVariables: contextOf(claims),
      },
    },
    {},
  );
  return result.resultType === "error" ? JSON.stringify(result.errors) : result.overallResult;
}

describe("the trust policy of the role that deploys", () => {
  it("lets a passport for its model and target in", async () => {
    expect(await decisionOn(good)).toBe("Allowed");
  });

  const tags = good["https://aws.amazon.com/tags"];
  it.each([
    ["for another target", { ...good, sub: "model:credit-scoring:target:test" }],
    ["for another model", { ...good, sub: "model:fraud:target:production" }],
    ["for another audience", { ...good, aud: "vault" }],
    [
      "tagged with another target",
      {
        ...good,
        "https://aws.amazon.com/tags": { ...tags, principal_tags: { ...tags.principal_tags, target: ["test"] } },
      },
    ],
  ] as readonly (readonly [string, PassportClaims])[])("keeps a passport out that is %s", async (_, claims) => {
    expect(await decisionOn(claims)).toBe("ImplicitlyDenied");
  });

  it("keeps another issuer's tokens out, whatever they say", async () => {
    expect(await decisionOn(good, provider.replace("countersign.bank", "elsewhere"))).toBe("ImplicitlyDenied");
  });
});
