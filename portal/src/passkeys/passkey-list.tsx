import type { PasskeyDeed } from "../../../core/attestation/passkey-statement.ts";
import type { PasskeyView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Table } from "../ui/table.tsx";
import { Digest, Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";

/** Passkeys with what stands about each, and what the reader may do about it, which is shown before it is signed. */
export function PasskeyList(props: {
  readonly passkeys: readonly PasskeyView[];
  readonly caption: string;
  /** Whether to say whose each is. */
  readonly owners?: boolean;
  readonly deeds: Readonly<Partial<Record<PasskeyDeed, (view: PasskeyView) => void>>>;
}) {
  const words = messages.passkeys;
  const { confirm, revoke } = props.deeds;
  return (
    <Table
      caption={props.caption}
      head={[words.name, words.id, words.status, words.deeds]}
      rows={props.passkeys.map((view) => ({
        key: view.id,
        cells: [
          <Foreign
            key="name"
            text={props.owners === true ? words.owned(view.enrolled.name, view.passkey.name) : view.passkey.name}
          />,
          <Digest key="id" value={view.id} />,
          <Status key="status" view={view} />,
          <div key="deeds" class="buttons">
            {confirm !== undefined && (
              <button type="button" class="main" onClick={() => confirm(view)}>
                {words.confirm}
              </button>
            )}
            {revoke !== undefined && view.revoked === undefined && (
              <button type="button" onClick={() => revoke(view)}>
                {words.revoke}
              </button>
            )}
          </div>,
        ],
      }))}
    />
  );
}

function Status({ view: { enrolled, confirmed, revoked } }: { readonly view: PasskeyView }) {
  const words = messages.passkeys;
  const [text, at] =
    revoked !== undefined
      ? [words.revokedBy(revoked.name), revoked.at]
      : confirmed !== undefined
        ? [words.confirmedBy(confirmed.name), confirmed.at]
        : [words.unconfirmed, enrolled.at];
  return (
    <>
      <Foreign text={text} /> <Time at={at} />
    </>
  );
}
