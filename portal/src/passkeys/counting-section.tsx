import { useState } from "preact/hooks";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { PasskeyView } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { ProblemNotice } from "../ui/problem.tsx";
import { Section } from "../ui/section.tsx";
import { countingPasskeys, type ListedPasskeys } from "./listed-passkeys.ts";
import { PasskeyList } from "./passkey-list.tsx";

/** Passkeys of others that count: whoever lost theirs, or is not here any more, may have nobody else to revoke it. Read when asked for. */
export function CountingSection(props: { readonly session: Session; readonly onRevoke: (view: PasskeyView) => void }) {
  const words = messages.passkeys;
  const { session } = props;
  const [found, setFound] = useState<ListedPasskeys>();
  const [problem, setProblem] = useState<Problem>();
  const [reading, setReading] = useState(false);
  const read = async (): Promise<void> => {
    setReading(true);
    const reply = await countingPasskeys(apiClient(session.idToken), found?.next);
    setReading(false);
    setProblem(reply.kind === "problem" ? reply.problem : undefined);
    if (reply.kind === "problem") return;
    const others = reply.value.passkeys.filter(
      ({ passkey }) => !sameIdentity(passkey.owner, session.reviewer.identity),
    );
    setFound({ ...reply.value, passkeys: [...(found?.passkeys ?? []), ...others] });
  };
  return (
    <Section id="counting-passkeys" heading={words.counting}>
      <p>{words.countingLead}</p>
      {found !== undefined &&
        (found.passkeys.length === 0 ? (
          <p role="status">{words.noCounting}</p>
        ) : (
          <PasskeyList passkeys={found.passkeys} caption={words.counting} owners deeds={{ revoke: props.onRevoke }} />
        ))}
      {reading && <Loading />}
      {problem !== undefined && <ProblemNotice sentence={problem.sentence} />}
      {(found === undefined || found.next !== undefined) && (
        <button type="button" aria-disabled={reading} onClick={() => void (reading || read())}>
          {found === undefined ? words.showCounting : words.moreCounting}
        </button>
      )}
    </Section>
  );
}
