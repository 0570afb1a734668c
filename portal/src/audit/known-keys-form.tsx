import { fromBase64 } from "../../../core/encoding/base64.ts";
import { formatVerifierKey, noteKey } from "../../../core/ledger/note-key.ts";
import type { ServiceSettings } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { KnownText } from "./verifier/known-keys.ts";

/** What the reader knows from elsewhere than the pack. */
export function KnownKeysForm(props: {
  readonly known: KnownText;
  readonly settings: ServiceSettings;
  readonly onKnown: (known: KnownText) => void;
}) {
  const words = messages.audit.verify;
  const { known, settings, onKnown } = props;
  return (
    <details class="known">
      <summary>{words.keys}</summary>
      <p>{words.keysLead}</p>
      <label for="known-keys">{words.known}</label>
      <textarea
        id="known-keys"
        rows={6}
        spellcheck={false}
        class="statement"
        value={known.keys}
        onInput={(event) => onKnown({ ...known, keys: event.currentTarget.value })}
      />
      <label for="known-jwks">{words.jwks}</label>
      <textarea
        id="known-jwks"
        rows={3}
        spellcheck={false}
        class="statement"
        value={known.jwks}
        onInput={(event) => onKnown({ ...known, jwks: event.currentTarget.value })}
      />
      <label for="known-issuer">{words.issuer}</label>
      <input
        id="known-issuer"
        type="url"
        value={known.issuer}
        onInput={(event) => onKnown({ ...known, issuer: event.currentTarget.value })}
      />
      <label for="known-audiences">{words.audiences}</label>
      <input
        id="known-audiences"
        type="text"
        spellcheck={false}
        value={known.audiences}
        onInput={(event) => onKnown({ ...known, audiences: event.currentTarget.value })}
      />
      <p>
        <button type="button" onClick={() => onKnown({ ...known, ...publishedBy(settings) })}>
          {words.takePublished}
        </button>
      </p>
    </details>
  );
}

function publishedBy({
  keys,
  logOrigin,
  issuer,
  portalClientId,
  cliClientId,
}: ServiceSettings): Pick<KnownText, "keys" | "issuer" | "audiences"> {
  const { attestation, checkpoint } = keys;
  const pems = [attestation, ...attestation.others].map(({ pem }) => pem);
  const vkeys = [checkpoint, ...checkpoint.others].map(
    ({ ed25519 }) => `${formatVerifierKey(noteKey(logOrigin, "ed25519", fromBase64(ed25519)))}\n`,
  );
  return { keys: [...pems, ...vkeys].join(""), issuer, audiences: `${portalClientId} ${cliClientId}` };
}
