import { useEffect, useRef, useState } from "preact/hooks";
import type { PasskeyAnswer } from "../../core/attestation/read-sign-off-request.ts";
import { AbsencePage } from "./absence/absence-page.tsx";
import type { Problem } from "./api/client.ts";
import { AuditPage } from "./audit/audit-page.tsx";
import { type DecisionOutcome, recordDecision } from "./decision/record-decision.ts";
import { type DeedOutcome, recordDeed } from "./deeds/record-deed.ts";
import { InboxPage } from "./inbox/inbox-page.tsx";
import { Loading } from "./loading/loading.tsx";
import { TryAgain } from "./loading/try-again.tsx";
import { messages } from "./messages/catalogue.ts";
import { ModelPage } from "./models/model-page.tsx";
import { ModelsPage } from "./models/models-page.tsx";
import { signedByPasskey } from "./passkeys/own-passkeys.ts";
import { PasskeysPage } from "./passkeys/passkeys-page.tsx";
import { PlainPage } from "./plain-page.tsx";
import { PolicyPage } from "./policy/policy-page.tsx";
import { RecordPage } from "./record/record-page.tsx";
import { PromotionPages } from "./review/promotion-pages.tsx";
import { promotionHash, type Route, routeOf } from "./routes.ts";
import { AnotherAccountPage } from "./session/another-account-page.tsx";
import type { Arrival } from "./session/arrival.ts";
import { discoveredProvider, goToSignOut, signOutRequest } from "./session/identity-provider.ts";
import type { Session } from "./session/session.ts";
import { beginSignIn, type SignInPurpose } from "./session/sign-in.ts";
import { SignOutContext } from "./session/sign-in-anew.tsx";
import { SignInPage } from "./session/sign-in-page.tsx";
import { type Notice, Shell } from "./shell.tsx";
import type { Signable } from "./signing/signable.ts";
import { type Started, start } from "./start.ts";
import { ProblemNotice } from "./ui/problem.tsx";
import { useRoute } from "./ui/use-route.ts";

const broken = "broken";

/** The whole page: who is signed in, and what the address asks for. */
export function App({ arrival }: { readonly arrival: Arrival | undefined }) {
  const route = useRoute(routeOf);
  const [started, setStarted] = useState<Started | Problem>();
  const [expired, setExpired] = useState(false);
  const [withoutRole, setWithoutRole] = useState(false);
  /** What went wrong last, and the fragment of the page that it was told on: on any other it would only mislead. */
  const [told, setTold] = useState<Notice & { readonly at: string }>();
  const startOnce = useRef<Promise<unknown>>(undefined);

  const begin = (): Promise<unknown> =>
    start(arrival).then(setStarted, () => setStarted({ code: broken, sentence: messages.load.broken }));
  useEffect(() => {
    // A code is good for one exchange, so this must never run twice for one arrival.
    startOnce.current ??= begin();
  }, [arrival]);

  const { hash } = location;
  useEffect(() => setTold((before) => (before?.at === hash ? before : undefined)), [hash]);

  const session = started !== undefined && "service" in started ? started.session : undefined;
  const offset = started !== undefined && "service" in started ? started.service.clockOffsetMs : 0;
  useEffect(() => {
    if (session === undefined) return undefined;
    const timer = setTimeout(() => setExpired(true), Math.max(0, session.expiresAt - Date.now() - offset));
    return () => clearTimeout(timer);
  }, [session, offset]);

  const signed = arrival?.pending?.decision !== undefined || arrival?.pending?.deed !== undefined;
  if (started === undefined) {
    return (
      <Shell>
        <h1 class="unseen">{messages.product}</h1>
        {signed ? (
          // Nothing is lost by waiting, and it is not known yet whether it is recorded: no way to begin anew.
          <Loading text={messages.outcome.recording} />
        ) : (
          <Loading onTry={() => location.reload()} />
        )}
      </Shell>
    );
  }
  if ("code" in started) {
    // Without the service nothing of the arrival was used up, and loading the page anew would lose it with what was signed.
    const waits = started.code !== broken && arrival?.pending !== undefined;
    const beginAgain = (): void => {
      setStarted(undefined);
      startOnce.current = begin();
    };
    return (
      <Shell>
        <ProblemNotice
          sentence={waits && signed ? `${started.sentence} ${messages.outcome.notSent}` : started.sentence}
        >
          <TryAgain onTry={waits ? beginAgain : () => location.reload()} />
        </ProblemNotice>
      </Shell>
    );
  }

  const { service, outcome, deed, another } = started;
  const tell = (text: string) => setTold({ text, at: location.hash });
  const notice = told?.at === hash ? told : started.notice;
  const signIn = async (purpose: SignInPurpose): Promise<void> => {
    try {
      location.assign(await beginSignIn(service, purpose));
    } catch {
      tell(messages.signIn.unavailable);
    }
  };
  /** Where the reader has a passkey it signs first; whatever it does not sign, the sign-in still can, unless it must. */
  const sign =
    <Shown extends Signable>(by: Session, purpose: (signed: SignedByPasskey<Shown>) => Partial<SignInPurpose>) =>
    async (statement: Shown, needsPasskey: boolean, acr: readonly string[] = []): Promise<void> => {
      const signed = await signedByPasskey(by, statement);
      if (signed.kind !== "signed" && needsPasskey) {
        tell(signed.kind === "none" ? messages.passkeys.neededNone : messages.passkeys.neededUnanswered);
        return;
      }
      const passkey = signed.kind === "signed" ? { passkey: signed.answer } : {};
      await signIn({ returnTo, acr, ...purpose({ statement, ...passkey }), ...readerOf(by) });
    };
  const leave = async (keepsTyped: boolean): Promise<void> => {
    // What somebody prepared whose sign-in was another's, or an old one, is kept, for when they sign in themselves and anew.
    if (!keepsTyped) sessionStorage.clear();
    setStarted({ service, notice: { text: messages.signIn.signedOut } });
    try {
      const request = signOutRequest(await discoveredProvider(service), `${location.origin}/`, session?.idToken);
      if (request !== undefined) goToSignOut(request);
    } catch {
      // Signed out here already; the identity provider cannot be told while it does not answer.
      tell(messages.signIn.signedOutHere);
    }
  };
  const signOut = () => leave(another !== undefined);
  const sendAgain = async (refused: DecisionOutcome): Promise<void> => {
    if (refused.kind !== "refused" || refused.again === undefined) return;
    const { decision, idToken } = refused.again;
    setStarted({ ...started, outcome: await recordDecision(decision, idToken) });
  };
  const sendDeedAgain = async (refused: DeedOutcome): Promise<void> => {
    if (refused.problem === undefined || refused.again === undefined) return;
    const { pending, idToken } = refused.again;
    setStarted({ ...started, deed: await recordDeed(pending, idToken) });
  };
  const returnTo = location.hash === "" ? "#/" : location.hash;
  const page = messagePage(route);
  if (page !== undefined) {
    return (
      <Shell
        page={route.page}
        {...(session === undefined ? {} : { reviewer: session.reviewer, withoutRole, onSignOut: signOut })}
      >
        <PlainPage {...page} />
      </Shell>
    );
  }
  if (session !== undefined && another !== undefined) {
    return (
      <Shell page={route.page} reviewer={session.reviewer} onSignOut={signOut}>
        <AnotherAccountPage account={another} onSignOut={signOut} onStay={() => setStarted({ service, session })} />
      </Shell>
    );
  }
  const now = () => Date.now() + offset;
  if (session === undefined) {
    return (
      <Shell page={route.page} {...(route.page === "audit" && notice !== undefined ? { notice } : {})}>
        {route.page === "audit" ? (
          <AuditPage settings={service.settings} now={now} withoutRole={false} onSignIn={() => signIn({ returnTo })} />
        ) : (
          <SignInPage
            {...(notice === undefined ? {} : { notice: notice.text })}
            onSignIn={() => signIn({ returnTo })}
          />
        )}
      </Shell>
    );
  }
  const pageProps = {
    ...{ session, expired, now },
    onExpired: () => setExpired(true),
    onWithoutRole: () => setWithoutRole(true),
  };
  return (
    <Shell
      page={route.page}
      reviewer={session.reviewer}
      withoutRole={withoutRole}
      onSignOut={signOut}
      {...(notice === undefined ? {} : { notice })}
      {...(expired ? { onSignInAgain: () => signIn({ returnTo, ...readerOf(session) }) } : {})}
    >
      <SignOutContext.Provider value={() => leave(true)}>
        {route.page === "promotion" || route.page === "evidence" ? (
          <PromotionPages
            key={route.id}
            route={route}
            id={route.id}
            {...pageProps}
            {...(outcome?.promotion === route.id ? { outcome, onSendAgain: () => sendAgain(outcome) } : {})}
            {...(deed?.about === "loan" && deed.promotion === route.id
              ? { loan: deed, onSendLoanAgain: () => sendDeedAgain(deed) }
              : {})}
            onSign={sign(session, (signed) => ({ decision: { promotion: route.id, ...signed } }))}
            onLend={sign(session, (signed) => ({ deed: { about: "loan", ...signed } }))}
          />
        ) : route.page === "audit" ? (
          <AuditPage
            settings={service.settings}
            now={now}
            signedIn={{ session, expired, onExpired: () => setExpired(true) }}
            withoutRole={withoutRole}
            onSignIn={() => signIn({ returnTo, ...readerOf(session) })}
          />
        ) : route.page === "record" ? (
          <RecordPage key={route.id} id={route.id} {...pageProps} />
        ) : route.page === "models" ? (
          <ModelsPage {...pageProps} />
        ) : route.page === "model" ? (
          <ModelPage key={`${route.model} ${route.target}`} model={route.model} target={route.target} {...pageProps} />
        ) : route.page === "policy" ? (
          <PolicyPage {...pageProps} />
        ) : route.page === "passkeys" ? (
          <PasskeysPage
            {...pageProps}
            attestationBase={service.settings.attestationBase}
            onSign={(pending) => signIn({ returnTo, deed: { about: "passkey", ...pending }, ...readerOf(session) })}
            {...(deed?.about === "passkey" ? { outcome: deed, onSendAgain: () => sendDeedAgain(deed) } : {})}
          />
        ) : route.page === "absence" ? (
          <AbsencePage
            {...pageProps}
            onDelegate={sign(session, (signed) => ({ deed: { about: "delegation", ...signed } }))}
            onRevoke={(pending) =>
              signIn({ returnTo, deed: { about: "delegation", ...pending }, ...readerOf(session) })
            }
            {...(deed?.about === "delegation" ? { outcome: deed, onSendAgain: () => sendDeedAgain(deed) } : {})}
          />
        ) : (
          <InboxPage {...pageProps} />
        )}
      </SignOutContext.Provider>
    </Shell>
  );
}

/** A statement, with what a passkey of the reader's made of it. */
interface SignedByPasskey<Shown> {
  readonly statement: Shown;
  readonly passkey?: PasskeyAnswer;
}

function readerOf({ reviewer }: Session): Pick<SignInPurpose, "loginHint" | "name"> {
  const { loginHint, name } = reviewer;
  return loginHint === undefined ? { name } : { loginHint, name };
}

function messagePage(route: Route): Parameters<typeof PlainPage>[0] | undefined {
  const words = messages.pages;
  switch (route.page) {
    case "link-expired":
      return {
        ...{ heading: words.linkExpired, text: words.linkExpiredText },
        ...(route.id === undefined ? {} : { leads: { to: promotionHash(route.id), text: words.whatItWasAbout } }),
      };
    case "link-invalid":
      return { heading: words.linkInvalid, text: words.linkInvalidText };
    case "nowhere":
      return { heading: words.nowhere };
    case "absence":
    case "inbox":
    case "models":
    case "model":
    case "audit":
    case "evidence":
    case "passkeys":
    case "policy":
    case "promotion":
    case "record":
      return undefined;
    default:
      return route satisfies never;
  }
}
