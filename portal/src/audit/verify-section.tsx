import { useRef, useState } from "preact/hooks";
import type { ServiceSettings } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { KnownKeysForm } from "./known-keys-form.tsx";
import { nothingKnown, useVerifier } from "./use-verifier.ts";
import { VerificationOutcome } from "./verification-outcome.tsx";

/** Verifies a pack from the reader's disk: nothing of it leaves their computer. */
export function VerifySection(props: { readonly settings: ServiceSettings; readonly now: () => number }) {
  const words = messages.audit.verify;
  const { state, verify, stop } = useVerifier(props.now);
  const [file, setFile] = useState<File>();
  const [known, setKnown] = useState(nothingKnown);
  const [noFile, setNoFile] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const choose = (chosen: File | undefined): void => {
    stop();
    setFile(chosen);
    setNoFile(false);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (file === undefined) {
      setNoFile(true);
      input.current?.focus();
    } else verify(file, known);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const dropped = event.dataTransfer?.files;
    // The field shows its name, as if it had been chosen there.
    if (input.current !== null && dropped !== undefined) input.current.files = dropped;
    choose(dropped?.[0]);
  };
  return (
    <Section id="verify" heading={words.heading}>
      <p>{words.lead}</p>
      <form onSubmit={submit} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <div class="drop">
          <label for="pack">{words.choose}</label>
          <input
            ref={input}
            id="pack"
            type="file"
            accept=".zip,application/zip"
            aria-describedby="pack-hint"
            aria-invalid={noFile}
            onChange={(event) => choose(event.currentTarget.files?.[0])}
          />
          <p id="pack-hint" class={noFile ? "hint error" : "hint quiet"} role={noFile ? "alert" : undefined}>
            {noFile ? words.noFile : words.drop}
          </p>
        </div>
        <KnownKeysForm known={known} settings={props.settings} onKnown={setKnown} />
        <div class="buttons">
          <button type="submit" class="main" aria-disabled={state.kind === "reading"}>
            {words.button}
          </button>
        </div>
      </form>
      <VerificationOutcome state={state} file={file} known={known} onStop={stop} />
    </Section>
  );
}
