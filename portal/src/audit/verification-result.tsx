import { onlyNewer } from "../../../core/archive/pack/pack-findings.ts";
import { reportPath } from "../../../core/archive/pack/pack-layout.ts";
import type { PackVerification } from "../../../core/archive/pack-verification.ts";
import type { PromotionVerdict } from "../../../core/archive/promotion/promotion-verdict.ts";
import { hasForeignKeys, noPack, notAsListed, toldFindings } from "../../../core/archive/told-findings.ts";
import { toldUnchecked } from "../../../core/archive/told-unchecked.ts";
import { messages } from "../messages/catalogue.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign, LongForeign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { saveReport } from "./save-report.ts";
import type { KnownText } from "./verifier/known-keys.ts";
import type { FileVerification } from "./verifier/verify-file.ts";

const mostPromotions = 200;
const tones: Record<PromotionVerdict["outcome"], Tone> = { PASSED: "good", FAILED: "bad", "NOT CHECKED": "plain" };

/** Everything that verification says, in the order of countersign verify: findings, promotions, keys, what is left open. */
export function VerificationResult(props: {
  readonly verified: FileVerification;
  readonly file: File;
  readonly known: KnownText;
}) {
  const words = messages.audit.result;
  const { result } = props.verified;
  const { holds, findings, promotions, unchecked } = result;
  const { told, more } = toldFindings(findings);
  const damaged = noPack(findings) === undefined ? notAsListed(findings) : 0;
  const open = uncheckedTexts(unchecked);
  // Whoever made a pack that does not hold may have put another page in a report's place, and one that does something.
  const spoiled = new Set(findings.map(({ path }) => path));
  const shown = promotions.length <= mostPromotions ? promotions : shownFirst(promotions);
  return (
    <>
      <div class={holds ? "notice good" : "notice bad"} role="status">
        <h3>{holds ? words.passed : onlyNewer(findings) ? words.notChecked : words.failed}</h3>
        <p>{holds ? words.passedText(promotions.length, result.withoutPersonalData !== true) : failedText(findings)}</p>
        {holds && open.length > 0 && <p>{words.openText(open.length)}</p>}
        {hasForeignKeys(findings) && <p>{words.foreignKeys}</p>}
        {damaged > 0 && <p>{words.damaged(damaged)}</p>}
      </div>
      {findings.length > 0 && (
        <>
          <h3>{words.findings}</h3>
          <ul class="plain-list findings">
            {told.map(({ code, path, sentence }, at) => (
              // biome needs a key; the same thing may be wrong with one file twice.
              <li key={`${at} ${code}`}>
                <Badge tone="bad" text={code} />
                <div>
                  <LongForeign text={sentence} />
                  <div class="quiet where">
                    <Foreign text={words.about(path)} />
                  </div>
                </div>
              </li>
            ))}
          </ul>
          {more.map(({ code, count }) => (
            <p key={code}>{words.more(count, code)}</p>
          ))}
        </>
      )}
      {promotions.length > 0 && (
        <>
          <h3>{words.promotions}</h3>
          <Table
            caption={words.promotions}
            head={[words.promotion, words.outcome, words.what, words.signOffs, words.report]}
            rows={shown.map(({ promotion, outcome, title, ofPolicies, status, signOffs, endUntold }) => ({
              key: promotion,
              cells: [
                <code key="promotion">{promotion}</code>,
                <Badge key="outcome" tone={tones[outcome]} text={words.outcomes[outcome]} />,
                <span key="what">
                  {title !== undefined && <Foreign text={title} />}
                  {status !== undefined && (
                    <span class="quiet">
                      {" "}
                      ({messages.statusOf(status, ofPolicies)}
                      {endUntold === true && `; ${words.endUntold}`})
                    </span>
                  )}
                </span>,
                signOffs ?? "–",
                spoiled.has(reportPath(promotion)) ? (
                  words.otherReport
                ) : (
                  <button
                    key="report"
                    type="button"
                    class="quietly"
                    aria-label={words.saveReport(promotion)}
                    onClick={() => void saveReport(props.file, promotion)}
                  >
                    {words.save}
                  </button>
                ),
              ],
            }))}
          />
          {shown.length < promotions.length && <p>{words.morePromotions(promotions.length - shown.length)}</p>}
        </>
      )}
      <Facts {...props} />
      {open.length > 0 && (
        <>
          <h3>{words.unchecked}</h3>
          <ul>
            {open.map((text) => (
              <li key={text}>
                <LongForeign text={text} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** What it came to where it does not hold, in the words of countersign verify. */
function failedText(findings: PackVerification["findings"]): string {
  const words = messages.audit.result;
  if (onlyNewer(findings)) return words.newerText(findings.length);
  const otherwise = noPack(findings);
  switch (otherwise) {
    case "not-opened":
      return words.notOpened;
    case "something-else":
      return words.somethingElse;
    case undefined:
      return words.failedText(findings.length);
    default:
      return otherwise satisfies never;
  }
}

function Facts({ verified, file, known }: Parameters<typeof VerificationResult>[0]) {
  const words = messages.audit.result;
  const { result, attestationKeys, receipts } = verified;
  const { log, scope } = result;
  const origin = (given: boolean) => <span class="quiet">({given ? words.given : words.own})</span>;
  const checkpointKeyGiven = /^[^\s+]+\+[0-9a-f]{8}\+/m.test(known.keys);
  return (
    <>
      <h3>{words.facts}</h3>
      <dl class="facts">
        <dt>{words.file}</dt>
        <dd>
          <Foreign text={file.name} />
        </dd>
        {scope !== undefined && (
          <>
            <dt>{words.scope}</dt>
            <dd>
              <Foreign text={words.scopeText(scope)} />
            </dd>
          </>
        )}
        {log !== undefined && (
          <>
            <dt>{words.log}</dt>
            <dd>
              <Foreign text={words.logText(log.origin, log.size)} />
            </dd>
            {log.at !== undefined && (
              <>
                <dt>{words.at}</dt>
                <dd>
                  <Time at={log.at} />
                </dd>
              </>
            )}
            <dt>{words.checkpointKeys}</dt>
            {log.keys.map((key) => (
              <dd key={key}>
                <code>{key}</code> {origin(checkpointKeyGiven)}
              </dd>
            ))}
          </>
        )}
        {attestationKeys.length > 0 && <dt>{words.attestationKeys}</dt>}
        {attestationKeys.map((keyid) => (
          <dd key={keyid}>
            <code class="digest">{keyid}</code> {origin(known.keys.includes("BEGIN PUBLIC KEY"))}
          </dd>
        ))}
        {receipts > 0 && (
          <>
            <dt>{words.receipts}</dt>
            <dd>{words.receiptsText(receipts, result.receipts?.length ?? 0)}</dd>
          </>
        )}
      </dl>
    </>
  );
}

/** Those that did not pass before the others. */
function shownFirst(promotions: readonly PromotionVerdict[]): readonly PromotionVerdict[] {
  const [failed, others] = [true, false].map((is) => promotions.filter(({ outcome }) => (outcome === "FAILED") === is));
  return [...(failed ?? []), ...(others ?? [])].slice(0, mostPromotions);
}

function uncheckedTexts(unchecked: PackVerification["unchecked"]): readonly string[] {
  const { manyPromotions, alikeUnchecked } = messages.audit.result;
  return toldUnchecked(unchecked).map(({ sentence, promotions, alike }) => {
    const [only] = promotions;
    const about = promotions.length > 1 ? manyPromotions(promotions.length) : only === undefined ? "" : `${only}: `;
    return `${about}${sentence}${alike === 0 ? "" : alikeUnchecked(alike)}`;
  });
}
