import { useEffect, useState } from "preact/hooks";
import { base64, fromBase64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import { type CheckpointCheck, checkCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { ServiceSettings } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { saveText } from "../ui/save-file.ts";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { webCryptoCheck } from "./verifier/web-crypto.ts";

interface Head {
  readonly text: string;
  readonly check: CheckpointCheck;
}

/** The newest checkpoint, and whether its signature holds under the key that the deployment publishes. */
export function LedgerHead({ settings }: { readonly settings: ServiceSettings }) {
  const words = messages.audit.head;
  const [head, setHead] = useState<Head | Problem>();
  const ask = async (): Promise<void> => {
    setHead(undefined);
    const reply = await apiClient().text("/v1/audit/checkpoint");
    setHead(reply.kind === "problem" ? reply.problem : await headOf(reply.value, settings));
  };
  useEffect(() => void ask(), []);
  return (
    <Section id="head" heading={words.heading}>
      {head === undefined ? (
        <Loading onTry={() => void ask()} />
      ) : "code" in head ? (
        head.code === "not-found" ? (
          <p>{words.none}</p>
        ) : (
          <ProblemToRetry problem={head} onTry={() => void ask()} />
        )
      ) : (
        <ShownHead {...head} />
      )}
    </Section>
  );
}

function ShownHead({ text, check }: Head) {
  const words = messages.audit.head;
  switch (check.status) {
    case "rejected":
      return <ProblemNotice sentence={words.rejected(check.why)} />;
    case "verified": {
      const { origin, size, root } = check.checkpoint;
      return (
        <>
          <dl class="facts">
            <dt>{words.origin}</dt>
            <dd>
              <Foreign text={origin} />
            </dd>
            <dt>{words.size}</dt>
            <dd>{size}</dd>
            <dt>{words.root}</dt>
            <dd>
              <code class="digest">{base64(root)}</code>
            </dd>
            <dt>{words.at}</dt>
            <dd>{check.at === undefined ? words.untimed : <Time at={check.at} />}</dd>
            <dt>{words.key}</dt>
            {check.signedBy.map(({ name, keyId }) => (
              <dd key={keyId}>
                <code>{`${name}+${keyId}`}</code> <Badge tone="good" text={words.holds} />
              </dd>
            ))}
          </dl>
          <p class="quiet">
            {words.checkedWith} {words.keep}
          </p>
          <button type="button" onClick={() => saveText("checkpoint", text)}>
            {words.download}
          </button>
        </>
      );
    }
    default:
      return check satisfies never;
  }
}

/** The checkpoint with what its check came to; a problem where this browser cannot check it. */
async function headOf(text: string, settings: ServiceSettings): Promise<Head | Problem> {
  try {
    return { text, check: await checked(text, settings) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { code: error.code, sentence: error.message };
  }
}

async function checked(text: string, { keys, logOrigin }: ServiceSettings): Promise<CheckpointCheck> {
  const check = webCryptoCheck(crypto.subtle);
  const published = [keys.checkpoint, ...keys.checkpoint.others];
  const trust = { origin: logOrigin, keys: published.map(({ ed25519 }) => fromBase64(ed25519)) };
  return checkCheckpoint(utf8(text), trust, (publicKey, message, signature) =>
    check({ kind: "ed25519", publicKey, message, signature }),
  );
}
