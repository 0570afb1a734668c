import type { ShownPolicy } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import { Section } from "../ui/section.tsx";
import { Sentences } from "../ui/sentences.tsx";
import { Digest, Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";

/** Which version of the policies is in force: its digest, since when, and who put it there. */
export function VersionSection({ policy: { version, policyChange } }: { readonly policy: ShownPolicy }) {
  const words = messages.policy.version;
  const { sha256, since, number, promotion, signedBy = [], refusedIfNew = [] } = version;
  return (
    <Section id="version" heading={words.heading}>
      <dl class="facts">
        <dt>{words.digest}</dt>
        <dd>
          <Digest value={sha256} />
        </dd>
        {since === undefined || number === undefined ? (
          <>
            <dt>{words.since}</dt>
            <dd>{words.unknown}</dd>
          </>
        ) : (
          <>
            <dt>{words.number}</dt>
            <dd>{number}</dd>
            <dt>{words.since}</dt>
            <dd>
              <Time at={since} />
            </dd>
            <dt>{words.by}</dt>
            <dd>
              {promotion === undefined ? (
                words.deployed
              ) : (
                <>
                  <Foreign text={words.signed(signedBy)} /> <a href={promotionHash(promotion)}>{words.promotion}</a>
                </>
              )}
            </dd>
          </>
        )}
        <dt>{words.change}</dt>
        <dd>{policyChange === undefined ? words.changedByDeployment : words.changedByQuorum}</dd>
      </dl>
      {refusedIfNew.length > 0 && (
        <div class="notice warn">
          <p>{words.refusedIfNew}</p>
          <Sentences texts={refusedIfNew} />
        </div>
      )}
    </Section>
  );
}
