import type { ServiceSettings } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { SignInButton } from "../session/sign-in-page.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { Section } from "../ui/section.tsx";
import { LedgerHead } from "./ledger-head.tsx";
import { VerifySection } from "./verify-section.tsx";

/** For auditors: the ledger's head, and the verification of a pack in their own browser. Needs nobody signed in. */
export function AuditPage(props: {
  readonly settings: ServiceSettings;
  readonly now: () => number;
  /** Given where nobody is signed in. */
  readonly onSignIn?: () => Promise<void>;
}) {
  const words = messages.audit;
  return (
    <>
      <PageHeading text={words.heading} />
      <p class="lead">{words.lead}</p>
      <LedgerHead settings={props.settings} />
      <VerifySection settings={props.settings} now={props.now} />
      {props.onSignIn !== undefined && (
        <Section id="find" heading={words.find.heading}>
          <p>{words.find.signIn}</p>
          <SignInButton text={messages.signIn.button} onSignIn={props.onSignIn} />
        </Section>
      )}
    </>
  );
}
