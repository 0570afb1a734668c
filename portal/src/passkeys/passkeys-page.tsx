import { useState } from "preact/hooks";
import {
  type PasskeyDeed,
  type PasskeyDescription,
  type PasskeyStatement,
  passkeyStatement,
} from "../../../core/attestation/passkey-statement.ts";
import { challengeOf, statementLifetimeSeconds } from "../../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { ApiClient, Reply } from "../api/client.ts";
import type { PasskeyView } from "../api/contract.ts";
import { DeedNotice } from "../deeds/deed-notice.tsx";
import type { DeedOutcome } from "../deeds/record-deed.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { useStatement } from "../signing/use-statement.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { Section } from "../ui/section.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { answerOf, knowsPasskeys, type MadePasskey, makePasskey } from "./authenticator.ts";
import { CountingSection } from "./counting-section.tsx";
import { EnrolForm } from "./enrol-form.tsx";
import { type ListedPasskeys, ownPasskeys, passkeysPath, waitingPasskeys } from "./listed-passkeys.ts";
import { PasskeyList } from "./passkey-list.tsx";
import { PasskeyPreview } from "./passkey-preview.tsx";
import type { PendingPasskey } from "./pending-passkey.ts";

const pauseMs = 15_000;

/** The reader's own passkeys, and those of others that wait for a second person. */
export function PasskeysPage(props: {
  readonly session: Session;
  readonly attestationBase: string;
  readonly expired: boolean;
  readonly onExpired: () => void;
  readonly now: () => number;
  readonly onSign: (deed: PendingPasskey) => Promise<void>;
  readonly outcome?: PasskeyOutcome;
  readonly onSendAgain?: () => Promise<void>;
}) {
  const { session, outcome } = props;
  const { reviewer } = session;
  const words = messages.passkeys;
  const polled = usePolled<ShownPasskeys>(passkeysPath, { ...props, pause: () => pauseMs, read: shownPasskeys });
  const [made, setMade] = useState<MadePasskey & { readonly name: string; readonly salt: string }>();
  const [remark, setRemark] = useState<string>();
  /** What something is done about; none where one is enrolled, of which nothing is known yet. */
  const [chosen, setChosen] = useState<PasskeyView>();
  const own = polled.value?.own ?? [];
  const others = (polled.value?.waiting.passkeys ?? []).filter(
    ({ passkey }) => !sameIdentity(passkey.owner, reviewer.identity),
  );

  const shown = useStatement<PasskeyStatement>(() => instantFromMs(props.now()), sign);
  const show = (deed: PasskeyDeed, passkey: PasskeyDescription, own?: string): void => {
    setRemark(undefined);
    shown.show(({ now: issuedAt, random }) => {
      const expiresAt = addSeconds(issuedAt, statementLifetimeSeconds);
      const predicate = { deed, passkey, person: reviewer.identity, reason: "", issuedAt, expiresAt };
      return passkeyStatement(props.attestationBase, { ...predicate, salt: own ?? base64url(random) });
    });
  };
  const make = async (name: string): Promise<void> => {
    const salt = freshSalt();
    // A device whose passkey was revoked may make another.
    const standing = own.filter(({ revoked }) => revoked === undefined);
    const making = await makePasskey(
      reviewer,
      salt,
      standing.map(({ passkey: { credentialId } }) => credentialId),
    );
    setMade(typeof making === "string" ? undefined : { ...making, name, salt });
    setRemark(typeof making === "string" ? words.notMade[making] : undefined);
  };
  const enrol = ({ passkey, name, salt }: NonNullable<typeof made>): void => {
    setChosen(undefined);
    show("enrol", { ...passkey, owner: reviewer.identity, name }, salt);
  };
  // The passkey signs its own enrolment, and nothing else that is done about it.
  async function sign(statement: PasskeyStatement): Promise<void> {
    if (statement.predicate.deed !== "enrol" || made === undefined) return props.onSign({ statement });
    const assertion = await answerOf(challengeOf(statement), [made.passkey.credentialId]);
    if (assertion === undefined) shown.back(words.unanswered);
    else await props.onSign({ statement, registration: made.registration, assertion });
  }
  const doing = (deed: PasskeyDeed) => (view: PasskeyView) => {
    setChosen(view);
    show(deed, view.passkey);
  };

  return (
    <>
      <PageHeading text={words.heading} focus={outcome === undefined} />
      <p class="lead">{words.lead}</p>
      {outcome !== undefined && (
        <DeedNotice done={words.done[outcome.deed]} outcome={outcome} onSendAgain={props.onSendAgain} />
      )}
      {(remark ?? shown.remark) !== undefined && (
        <p class="notice warn" role="alert">
          {remark ?? shown.remark}
        </p>
      )}
      {polled.problem !== undefined && !props.expired && (
        <ProblemToRetry problem={polled.problem} onTry={polled.again} />
      )}
      {polled.value === undefined && polled.problem === undefined && <Loading onTry={polled.again} />}
      {polled.value !== undefined && (
        <>
          {shown.statement !== undefined && (
            <PasskeyPreview
              statement={shown.statement}
              {...(chosen === undefined ? {} : { view: chosen })}
              onSign={shown.sign}
              onBack={() => shown.back()}
            />
          )}
          <Section id="own-passkeys" heading={words.own}>
            {own.length === 0 ? (
              <p>{words.none}</p>
            ) : (
              <PasskeyList passkeys={own} caption={words.heading} deeds={{ revoke: doing("revoke") }} />
            )}
          </Section>
          {/* While its enrolment is shown above, nothing here is left to do. */}
          {shown.statement?.predicate.deed !== "enrol" && (
            <Section id="new-passkey" heading={words.add}>
              {knowsPasskeys() ? (
                <EnrolForm made={made !== undefined} onMake={make} onEnrol={() => made && enrol(made)} />
              ) : (
                <p class="notice warn">{words.unknown}</p>
              )}
            </Section>
          )}
          <Section id="others-passkeys" heading={words.others}>
            <p>{words.othersLead}</p>
            {others.length === 0 ? (
              <p>{words.noOthers}</p>
            ) : (
              <PasskeyList
                passkeys={others}
                caption={words.others}
                owners
                deeds={{ confirm: doing("confirm"), revoke: doing("revoke") }}
              />
            )}
            {polled.value.waiting.next !== undefined && <p class="quiet">{words.older}</p>}
          </Section>
          <CountingSection session={session} onRevoke={doing("revoke")} />
        </>
      )}
    </>
  );
}

interface ShownPasskeys {
  readonly own: readonly PasskeyView[];
  readonly waiting: ListedPasskeys;
}

async function shownPasskeys(client: ApiClient): Promise<Reply<ShownPasskeys>> {
  const [own, waiting] = await Promise.all([ownPasskeys(client), waitingPasskeys(client)]);
  if (own.kind === "problem") return own;
  if (waiting.kind === "problem") return waiting;
  return { ...own, value: { own: own.value.passkeys, waiting: waiting.value } };
}

type PasskeyOutcome = Extract<DeedOutcome, { readonly about: "passkey" }>;

function freshSalt(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)));
}
