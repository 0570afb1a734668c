import type { PasskeyStatement } from "../../../core/attestation/passkey-statement.ts";
import type { PasskeyView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { StatementPreview } from "../signing/statement-preview.tsx";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";

/** So much of a passkey's number is told from one to the other. */
const spokenDigits = 8;

/** What is done about a passkey, before it is signed. `view` says whose it is, where that is known to be another's than the reader's. */
export function PasskeyPreview(props: {
  readonly statement: PasskeyStatement;
  readonly view?: PasskeyView;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { deed, passkey } = props.statement.predicate;
  const words = messages.passkeys.sign[deed];
  const begins = props.view?.id.slice(0, spokenDigits) ?? "";
  return (
    <Section id="sign-passkey" heading={words.heading}>
      <StatementPreview {...props} reason="" button={words.button}>
        <p>
          <Foreign text={words.lead(passkey.name, props.view?.enrolled.name ?? passkey.owner.subject, begins)} />
        </p>
      </StatementPreview>
    </Section>
  );
}
