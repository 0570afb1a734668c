import { useState } from "preact/hooks";
import { type PublishedService, readKeptService } from "../../../core/archive/kept-service.ts";
import { Failure } from "../../../core/failure.ts";
import type { ServiceSettings } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { publishedAsTyped } from "./published-as-typed.ts";
import type { KnownText } from "./verifier/known-keys.ts";

/** What the reader knows from elsewhere than the pack: as they kept it, or as they type it. */
export function KnownKeysForm(props: {
  readonly known: KnownText;
  readonly settings: ServiceSettings;
  readonly onKnown: (known: KnownText) => void;
}) {
  const words = messages.audit.verify;
  const { known, settings, onKnown } = props;
  const [flaw, setFlaw] = useState<string>();
  const fill = (services: readonly PublishedService[]): void => onKnown({ ...known, ...publishedAsTyped(services) });
  const read = async (files: readonly File[]): Promise<void> => {
    setFlaw(undefined);
    try {
      fill(
        await Promise.all(
          files.map(async (file) => readKeptService(file.name, new Uint8Array(await file.arrayBuffer()))),
        ),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFlaw(error.message);
    }
  };
  const typed = (member: Exclude<keyof KnownText, "subjectClaims">) => ({
    id: `known-${member}`,
    spellcheck: false,
    value: known[member],
    onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
      onKnown({ ...known, [member]: event.currentTarget.value }),
  });
  return (
    <details class="known">
      <summary>{words.keys}</summary>
      <p>{words.keysLead}</p>
      <label for="kept-service">{words.kept}</label>
      <input
        id="kept-service"
        type="file"
        accept=".json,application/json"
        multiple
        aria-describedby="kept-service-hint"
        aria-invalid={flaw !== undefined}
        onChange={(event) => void read([...(event.currentTarget.files ?? [])])}
      />
      <p
        id="kept-service-hint"
        class={flaw === undefined ? "hint quiet" : "hint error"}
        role={flaw === undefined ? undefined : "alert"}
      >
        {flaw ?? words.keptHint}
      </p>
      <label for="known-keys">{words.known}</label>
      <textarea {...typed("keys")} rows={6} class="statement" />
      <label for="known-issuers">{words.issuers}</label>
      <input {...typed("issuers")} type="text" />
      <label for="known-audiences">{words.audiences}</label>
      <input {...typed("audiences")} type="text" />
      <label for="known-origins">{words.origins}</label>
      <input {...typed("origins")} type="text" />
      <label for="known-jwks">{words.jwks}</label>
      <textarea {...typed("jwks")} rows={3} class="statement" />
      <div class="buttons">
        <button type="button" onClick={() => fill([settings])}>
          {words.takePublished}
        </button>
        <a href="/v1/service" download="service.json">
          {words.savePublished}
        </a>
      </div>
    </details>
  );
}
