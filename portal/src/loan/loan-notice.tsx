import type { ComponentChildren } from "preact";
import { titleOf } from "../../../core/approval/entitlement.ts";
import { lendersTold } from "../../../core/approval/told-loan.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { durationWords } from "../ui/number.ts";
import { Apart, Foreign, LongForeign } from "../ui/text.tsx";
import { Time, TimeAndDistance } from "../ui/time.tsx";
import { Incident } from "./incident.tsx";
import { requestsOf, type ShownLoan } from "./lending.ts";

/** That seats are lent, or that somebody asks for it: until when, by whom, why, and what ends it. */
export function LoanNotice({ promotion, now }: { readonly promotion: ShownPromotion; readonly now: number }) {
  const { loan } = promotion;
  if (loan === undefined) return null;
  return loan.given === undefined ? (
    <Asked promotion={promotion} now={now} />
  ) : (
    <Given loan={loan} given={loan.given} runs={promotion.status === "loaned"} now={now} />
  );
}

function Asked({ promotion, now }: { readonly promotion: ShownPromotion; readonly now: number }) {
  const words = messages.loan;
  const { rule, roles } = promotion.requirements.document;
  const titles = (rule.loan?.roles ?? []).map((role) => titleOf(roles, role));
  const requests = requestsOf(promotion, instantFromMs(now));
  return (
    <>
      {requests.map(({ request, until, confirmedBy, refused }, index) => (
        <Notice
          key={request.id}
          heading={words.asked.heading(request.lender, durationWords(request.seconds))}
          // Somebody who asked twice asked for the same, and each part of a page has a name of its own.
          {...(requests.length > 1 ? { part: words.asked.part(index + 1, requests.length) } : {})}
        >
          {refused.map(({ by, why }) => (
            <p key={`${by} ${why}`}>
              <Foreign text={words.asked.refused(by, why)} />
            </p>
          ))}
          {confirmedBy === undefined ? (
            <p>
              <Foreign text={words.asked.waits(titles)} /> <TimeAndDistance at={until} now={now} />.
            </p>
          ) : (
            <p>
              <Foreign text={words.asked.confirmed(confirmedBy)} />
            </p>
          )}
          <dl>
            <Why reasons={[request.reason]} incident={request.incident} />
            <dt>{words.asked.at}</dt>
            <dd>
              <Time at={request.recordedAt} />
            </dd>
          </dl>
        </Notice>
      ))}
    </>
  );
}

function Given(props: {
  readonly loan: ShownLoan;
  readonly given: NonNullable<ShownLoan["given"]>;
  readonly runs: boolean;
  readonly now: number;
}) {
  const { loan, given, now } = props;
  const words = messages.loan;
  if (given.ratifiedAt !== undefined) return <Past text={words.ratified} at={given.ratifiedAt} />;
  if (given.takenBackAt !== undefined) return <Past text={words.takenBack} at={given.takenBackAt} />;
  if (!props.runs) return <p class="notice warn">{words.over}</p>;
  const lenders = lendersTold(loan);
  return (
    <Notice heading={given.runningSince === undefined ? words.given.onItsWay : words.given.heading}>
      <dl>
        <dt>{words.given.until}</dt>
        <dd>
          <TimeAndDistance at={given.until} now={now} />
        </dd>
        {lenders !== undefined && (
          <>
            <dt>{words.given.lenders}</dt>
            <dd>
              <Foreign text={words.given.lentBy(lenders.first.lender, lenders.second.lender)} />
            </dd>
            <Why reasons={[lenders.first.reason, lenders.second.reason]} incident={lenders.first.incident} />
          </>
        )}
        <dt>{words.given.ends}</dt>
        <dd>{words.given.endsText}</dd>
        <dt>{words.given.stays}</dt>
        <dd>{words.given.staysText}</dd>
      </dl>
    </Notice>
  );
}

function Why({ reasons, incident }: { readonly reasons: readonly string[]; readonly incident: string }) {
  const words = messages.loan.given;
  return (
    <>
      <dt>{words.why}</dt>
      {[...new Set(reasons)].map((reason) => (
        <dd key={reason}>
          <LongForeign text={reason} />
        </dd>
      ))}
      <dt>{words.incident}</dt>
      <dd>
        <Incident address={incident} />
      </dd>
    </>
  );
}

function Notice(props: {
  readonly heading: string;
  /** Which of several it is. */
  readonly part?: string;
  readonly children: ComponentChildren;
}) {
  const { heading, part, children } = props;
  return (
    <section class="notice warn" aria-label={part === undefined ? heading : `${heading} (${part})`}>
      <h2>
        <Apart text={heading} />
      </h2>
      {children}
    </section>
  );
}

function Past({ text, at }: { readonly text: string; readonly at: string }) {
  return (
    <p>
      {text} <Time at={at} />.
    </p>
  );
}
