import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { messages } from "./messages/catalogue.ts";
import type { Route } from "./routes.ts";
import type { Reviewer } from "./session/session.ts";
import { SignInButton } from "./session/sign-in-page.tsx";
import { Apart } from "./ui/text.tsx";

/** As mark.svg, beside the name that it stands for. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M7 12.5l4.5 4.5L19 8M13 21l4.5 4.5L26 15" />
    </svg>
  );
}

/** Where the bar leads; what is public may be looked at without a sign-in, and everything else needs a role. */
const places = [
  { page: "inbox", path: "#/", isPublic: true },
  { page: "models", path: "#/models", isPublic: false },
  { page: "audit", path: "#/audit", isPublic: true },
  { page: "policy", path: "#/policy", isPublic: false },
  { page: "passkeys", path: "#/passkeys", isPublic: false },
  { page: "absence", path: "#/absence", isPublic: false },
] as const;

/** Something to tell the reader; another one each time that it is told. */
export interface Notice {
  readonly text: string;
}

/** What is around every page: where one is, who one is, and what went wrong on the way. */
export function Shell(props: {
  /** The one that is shown; absent before that is known. */
  readonly page?: Route["page"];
  readonly reviewer?: Reviewer;
  /** The reader is known to hold none: what would not be shown to them is not offered. */
  readonly withoutRole?: boolean;
  readonly onSignOut?: () => Promise<void>;
  /** Given once the session has expired. */
  readonly onSignInAgain?: () => Promise<void>;
  readonly notice?: Notice;
  readonly children: ComponentChildren;
}) {
  const main = useRef<HTMLElement>(null);
  const told = useRef<HTMLDivElement>(null);
  const { reviewer, onSignOut, onSignInAgain, notice } = props;
  // Whoever pressed a button far below would see nothing of it.
  useEffect(() => told.current?.scrollIntoView({ block: "center" }), [notice]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {messages.skip}
      </button>
      <header>
        <div class="bar">
          <span class="brand">
            <Mark />
            {messages.product}
          </span>
          <nav aria-label={messages.header.main}>
            {places
              .filter(({ isPublic }) => isPublic || (reviewer !== undefined && props.withoutRole !== true))
              .map(({ page, path }) => (
                <a key={page} href={path} aria-current={page === props.page ? "page" : undefined}>
                  {messages.header[page]}
                </a>
              ))}
          </nav>
          {reviewer !== undefined && onSignOut !== undefined && (
            <p class="who">
              <span class="unseen">{messages.header.signedInAs} </span>
              <Apart text={reviewer.name} />
              <button type="button" class="quietly" onClick={() => void onSignOut()}>
                {messages.header.signOut}
              </button>
            </p>
          )}
        </div>
      </header>
      <main ref={main} tabIndex={-1}>
        {onSignInAgain !== undefined && (
          <div class="notice warn" role="status">
            <p>{messages.signIn.expired}</p>
            <SignInButton text={messages.signIn.again} onSignIn={onSignInAgain} />
          </div>
        )}
        {notice !== undefined && (
          <div ref={told} class="notice warn" role="alert">
            <p>
              <Apart text={notice.text} />
            </p>
          </div>
        )}
        {props.children}
      </main>
    </>
  );
}
