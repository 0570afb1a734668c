import { attestationKey } from "../attestation/signing-keys.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { cora, dana, House, sam, shipped } from "./house.ts";
import { type IdentityProvider, identityProvider } from "./reviewers.ts";

/**
 * People whose provider names them by `oid`, and by a `sub` that is another one for each sign-in, as Entra ID's is for each
 * application: a deployed promotion, and a passkey and a delegation of theirs.
 */
export async function namedByOid(): Promise<House> {
  const provider = identityProvider();
  let signIns = 0;
  const entra: IdentityProvider = {
    ...provider,
    token: (member, nonce, at, over = {}) => {
      signIns += 1;
      const claims = { sub: `pairwise-${signIns}`, oid: member.identity.subject, "cognito:groups": undefined };
      return provider.token(member, nonce, at, { ...claims, groups: member.groups, ...over });
    },
  };
  const installation = { subjectClaim: "oid" as const };
  const house = new House(attestationKey(), shipped, [], MemoryLedger.signer, { provider: entra, installation });
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  for (const people of [[cora], [dana, sam]]) {
    await house.openStage(id);
    for (const person of people) await house.sign(id, person);
    await house.decide(id);
  }
  await house.verify(id);
  await house.deploy(id);
  return house;
}
