import { useCallback, useEffect, useState } from "preact/hooks";
import { numberText } from "../../../core/gates/number-text.ts";
import type { Rate } from "../../../core/learning/interval.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { ShownLearning } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { recordHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";

/** What production said about what was approved. Asked for once: it changes slowly, and reads many records. */
export function LearningSection({ query, session }: { readonly query: string; readonly session: Session }) {
  const words = messages.models.learning;
  const [found, setFound] = useState<ShownLearning | Problem>();
  const read = useCallback(async () => {
    setFound(undefined);
    const reply = await apiClient(session.idToken).get<ShownLearning>(`/v1/learning?${query}`);
    setFound(reply.kind === "ok" ? reply.value : reply.problem);
  }, [query, session]);
  useEffect(() => void read(), [read]);
  return (
    <Section id="learning" heading={words.heading}>
      {found === undefined ? (
        <Loading onTry={() => void read()} />
      ) : "code" in found ? (
        <ProblemToRetry problem={found} onTry={() => void read()} />
      ) : (
        <>
          <p>{words.lead(found.promotions, found.ran, found.older)}</p>
          <Table
            caption={words.heading}
            head={[words.measure, words.share]}
            rows={[
              { key: "told", cells: [words.told, rateText(found.told)] },
              { key: "against", cells: [words.against, rateText(found.spokenAgainst)] },
            ]}
          />
          {found.failures.length > 0 && (
            <>
              <h3>{words.failures}</h3>
              <ul>
                {found.failures.map(({ promotion, closest }) => (
                  <li key={promotion}>
                    <a href={recordHash(promotion)}>
                      <Foreign text={promotion} />
                    </a>
                    {closest !== undefined && (
                      <>
                        {" "}
                        <Foreign text={words.closest(closest.title)} />
                      </>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </Section>
  );
}

function rateText({ count, of, low, high }: Rate): string {
  const words = messages.models.learning;
  return of === 0 ? words.nothing : words.rate(count, of, numberText(low), numberText(high));
}
