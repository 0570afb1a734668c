import type { ServiceSettings } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { SignInButton } from "../session/sign-in-page.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { Section } from "../ui/section.tsx";
import { ExportSection } from "./export-section.tsx";
import { LedgerHead } from "./ledger-head.tsx";
import { PolicyInForce } from "./policy-in-force.tsx";
import { SearchSection } from "./search-section.tsx";
import { VerifySection } from "./verify-section.tsx";

/** For auditors: the ledger's head, and the verification of a pack in their own browser. Needs nobody signed in. */
export function AuditPage(props: {
  readonly settings: ServiceSettings;
  readonly now: () => number;
  /** Absent where nobody is signed in. */
  readonly signedIn?: { readonly session: Session; readonly expired: boolean; readonly onExpired: () => void };
  /** Whoever is signed in is known to hold no role. */
  readonly withoutRole: boolean;
  readonly onSignIn: () => Promise<void>;
}) {
  const words = messages.audit;
  const signedIn = props.withoutRole ? undefined : props.signedIn;
  return (
    <>
      <PageHeading text={words.heading} />
      <p class="lead">{words.lead}</p>
      <LedgerHead settings={props.settings} />
      {signedIn !== undefined && <PolicyInForce {...signedIn} />}
      {signedIn !== undefined && <SearchSection session={signedIn.session} />}
      <VerifySection settings={props.settings} now={props.now} />
      {signedIn !== undefined ? (
        <ExportSection session={signedIn.session} now={props.now} />
      ) : (
        <Section id="find" heading={words.forReviewers}>
          <p>{words.find.signIn}</p>
          {!props.withoutRole && <SignInButton text={messages.signIn.button} onSignIn={props.onSignIn} />}
        </Section>
      )}
    </>
  );
}
