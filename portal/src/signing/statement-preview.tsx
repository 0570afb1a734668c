import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { signOffId } from "../../../core/attestation/sign-off-statement.ts";
import { messages } from "../messages/catalogue.ts";
import { SignInButton } from "../session/sign-in-page.tsx";
import { Digest, LongForeign } from "../ui/text.tsx";
import { readableStatement, type Signable } from "./signable.ts";

/** What is signed, in words, before the sign-in that signs it; the exact statement and its digest for whoever compares them. */
export function StatementPreview(props: {
  readonly statement: Signable;
  /** What is signed, in words. */
  readonly children: ComponentChildren;
  readonly reason: string;
  /** On the button that leads to the sign-in. */
  readonly button: string;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { statement, reason } = props;
  const words = messages.sign;
  const field = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const preview = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => leadBack(preview.current), []);
  const digest = useMemo(() => signOffId(statement), [statement]);
  useEffect(() => {
    heading.current?.focus();
  }, [statement]);
  return (
    <div class="preview" ref={preview}>
      <h3 ref={heading} tabIndex={-1}>
        {words.heading}
      </h3>
      {props.children}
      {reason !== "" && (
        <blockquote>
          <LongForeign text={reason} />
        </blockquote>
      )}
      <p class="quiet">{words.note}</p>
      <details>
        <summary>{words.forAuditors}</summary>
        <h4>{words.digest}</h4>
        <p>
          <Digest value={digest} />
        </p>
        <label for={field}>{words.statement}</label>
        <textarea id={field} class="statement" dir="ltr" rows={9} readOnly value={readableStatement(statement)} />
      </details>
      <div class="buttons">
        <SignInButton text={props.button} onSignIn={props.onSign} />
        <button type="button" onClick={props.onBack}>
          {words.back}
        </button>
      </div>
    </div>
  );
}

/**
 * What to do once a preview goes: whoever had the focus in it would be at the page's beginning, and is led to the heading
 * of the form that they come back to.
 */
function leadBack(preview: HTMLElement | null): () => void {
  const part = preview?.closest("section, details");
  return () => {
    if (preview?.contains(document.activeElement) !== true) return;
    queueMicrotask(() => {
      const heading = part?.isConnected === true ? part.querySelector<HTMLElement>("h2, summary") : undefined;
      (heading ?? document.querySelector("h1"))?.focus();
    });
  };
}
