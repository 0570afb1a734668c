import type { DelegationStatement } from "../../../core/attestation/delegation-statement.ts";
import { type Instant, instantFromMs } from "../../../core/encoding/instant.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { AbsenceView, DelegationView } from "../api/contract.ts";
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
import { AwaySection } from "./away-section.tsx";
import { composedDeed } from "./compose-delegation.ts";
import { DelegateSection } from "./delegate-section.tsx";
import { DelegationList } from "./delegation-list.tsx";
import { DelegationPreview } from "./delegation-preview.tsx";
import { delegationsPath, type PendingDelegation } from "./pending-delegation.ts";

const pauseMs = 30_000;

type DelegationOutcome = Extract<DeedOutcome, { readonly about: "delegation" }>;

/** When the reader is away, who signs in their place, and in whose place they sign. */
export function AbsencePage(props: {
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
  readonly now: () => number;
  readonly onDelegate: (statement: DelegationStatement, needsPasskey: boolean, acr: readonly string[]) => Promise<void>;
  readonly onRevoke: (pending: PendingDelegation) => Promise<void>;
  readonly outcome?: DelegationOutcome;
  readonly onSendAgain?: () => Promise<void>;
}) {
  const { session, outcome } = props;
  const words = messages.absence;
  const polled = usePolled<AbsenceView>(delegationsPath, { ...props, pause: () => pauseMs });
  const view = polled.value;
  const now = () => instantFromMs(props.now());
  return (
    <>
      <PageHeading text={words.heading} focus={outcome === undefined} />
      <p class="lead">{words.lead}</p>
      {outcome !== undefined && (
        <DeedNotice done={words.done[outcome.deed]} outcome={outcome} onSendAgain={props.onSendAgain} />
      )}
      {polled.problem !== undefined && !props.expired && (
        <ProblemToRetry problem={polled.problem} onTry={polled.again} />
      )}
      {view === undefined && polled.problem === undefined && <Loading onTry={polled.again} />}
      {view !== undefined && (
        <>
          {view.roles.length > 0 && (
            <AwaySection view={view} session={session} now={now} onSaved={polled.again} onExpired={props.onExpired} />
          )}
          <Lists view={view} now={now} onRevoke={props.onRevoke} />
          <DelegateSection view={view} by={session.reviewer.identity} now={now} onDelegate={props.onDelegate} />
        </>
      )}
    </>
  );
}

function Lists(props: {
  readonly view: AbsenceView;
  readonly now: () => Instant;
  readonly onRevoke: (pending: PendingDelegation) => Promise<void>;
}) {
  const { view } = props;
  const words = messages.absence;
  const now = props.now();
  const given = view.delegations.filter(({ delegation }) => sameIdentity(delegation.delegator, view.person));
  const taken = view.delegations.filter((each) => !given.includes(each));
  const shown = useStatement<DelegationStatement>(props.now, (statement) => props.onRevoke({ statement }));
  const onRevoke = ({ delegation }: DelegationView): void =>
    void shown.show((at) => composedDeed(view, "revoke", delegation, at.now));
  return (
    <>
      {shown.statement !== undefined && (
        <Section id="revoke-delegation" heading={words.revoking}>
          {shown.remark !== undefined && (
            <p class="notice warn" role="alert">
              {shown.remark}
            </p>
          )}
          <DelegationPreview statement={shown.statement} view={view} onSign={shown.sign} onBack={() => shown.back()} />
        </Section>
      )}
      <Section id="given" heading={words.given.heading}>
        {given.length === 0 && <p>{words.given.none}</p>}
        <DelegationList
          caption={words.given.heading}
          other="delegateName"
          delegations={given}
          now={now}
          onRevoke={onRevoke}
        />
      </Section>
      <Section id="taken" heading={words.taken.heading}>
        {taken.length === 0 && <p>{words.taken.none}</p>}
        <DelegationList
          caption={words.taken.heading}
          other="delegatorName"
          delegations={taken}
          now={now}
          onRevoke={onRevoke}
        />
      </Section>
    </>
  );
}
