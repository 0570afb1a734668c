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
  const [receipts, setReceipts] = useState<readonly File[]>([]);
  const [known, setKnown] = useState(nothingKnown);
  const [noFile, setNoFile] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const receiptInput = useRef<HTMLInputElement>(null);
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
    } else verify(file, known, receipts);
  };
  const keep = (chosen: readonly File[]): void => {
    stop();
    setReceipts(chosen);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const dropped = [...(event.dataTransfer?.files ?? [])];
    const kept = dropped.filter(({ name }) => name.endsWith(".json"));
    const [pack] = dropped.filter((each) => !kept.includes(each));
    if (pack !== undefined) {
      showIn(input.current, [pack]);
      choose(pack);
    }
    if (kept.length > 0) {
      showIn(receiptInput.current, kept);
      keep(kept);
    }
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
          <label for="receipts">{words.receipts}</label>
          <input
            ref={receiptInput}
            id="receipts"
            type="file"
            accept=".json,application/json"
            multiple
            aria-describedby="receipts-hint"
            onChange={(event) => keep([...(event.currentTarget.files ?? [])])}
          />
          <p id="receipts-hint" class="hint quiet">
            {words.receiptsHint}
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

/** A field shows the names of what was dropped, as if it had been chosen there. */
function showIn(input: HTMLInputElement | null, files: readonly File[]): void {
  if (input === null) return;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
}
