import { useState } from "preact/hooks";
import { policyModelType, policyTarget } from "../../../core/approval/matrix.ts";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { PromotionPage, PromotionSummary } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { statusTones } from "../review/stand.tsx";
import { promotionHash, recordHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { Badge } from "../ui/badge.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign, LongForeign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { LearningSection } from "./learning-section.tsx";
import { whatRuns } from "./what-runs.ts";

const pauseMs = 15_000;

/** One model in one target: what runs, whether it is restricted, everything that was ever asked for, and how well it was judged. */
export function ModelPage(props: {
  readonly model: string;
  readonly target: string;
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
}) {
  const { model, target } = props;
  const words = messages.models;
  // Policies run nowhere, and nobody learns from production how well they were judged.
  const isPolicy = model === policyModelType && target === policyTarget;
  const query = `model=${encodeURIComponent(model)}&target=${encodeURIComponent(target)}`;
  const path = `/v1/promotions?${query}&limit=50`;
  const { value: first, problem, again } = usePolled<PromotionPage>(path, { ...props, pause: () => pauseMs });
  const [older, setOlder] = useState<readonly PromotionPage[]>([]);
  const [olderProblem, setOlderProblem] = useState<Problem>();
  const pages = first === undefined ? [] : [first, ...older];
  const promotions = [...new Map(pages.flatMap((page) => page.promotions).map((each) => [each.id, each])).values()];
  const next = pages.at(-1)?.next;
  const showOlder = async (cursor: string): Promise<void> => {
    const reply = await apiClient(props.session.idToken).get<PromotionPage>(
      `${path}&cursor=${encodeURIComponent(cursor)}`,
    );
    if (reply.kind === "ok") setOlder([...older, reply.value]);
    setOlderProblem(reply.kind === "ok" ? undefined : reply.problem);
  };
  return (
    <>
      <PageHeading text={isPolicy ? words.policies : words.title(model, target)} />
      <p>{isPolicy ? <a href="#/policy">{messages.policy.version.heading}</a> : <a href="#/models">{words.all}</a>}</p>
      {problem !== undefined && !props.expired && <ProblemToRetry problem={problem} onTry={again} />}
      {first === undefined && problem === undefined && <Loading onTry={again} />}
      <Unreadable lists={pages} />
      {first !== undefined && !isPolicy && <RunsSection runs={whatRuns(promotions)} />}
      {first !== undefined && (
        <Section id="history" heading={words.history}>
          {promotions.length === 0 ? (
            <p>{words.noHistory}</p>
          ) : (
            <History promotions={promotions} runs={isPolicy ? undefined : whatRuns(promotions)} isPolicy={isPolicy} />
          )}
          {olderProblem !== undefined && <ProblemNotice sentence={olderProblem.sentence} />}
          {next !== undefined && (
            <p>
              <button type="button" onClick={() => void showOlder(next)}>
                {words.older}
              </button>
            </p>
          )}
        </Section>
      )}
      {!isPolicy && <LearningSection query={query} session={props.session} />}
    </>
  );
}

function RunsSection({ runs }: { readonly runs: PromotionSummary | undefined }) {
  const words = messages.models;
  return (
    <Section id="runs" heading={words.runs}>
      {runs === undefined ? (
        <p>{words.nothingRuns}</p>
      ) : (
        <>
          <p role="status">
            <Badge
              tone={runs.status === "deployed" ? "good" : statusTones[runs.status]}
              text={
                runs.status === "restricted"
                  ? words.restricted
                  : runs.status === "loaned"
                    ? words.onLoan
                    : words.notRestricted
              }
            />{" "}
            <a href={promotionHash(runs.id)}>
              <Foreign text={words.runsSentence(runs.model.version)} />
            </a>
          </p>
          {runs.reason !== undefined && (
            <p>
              <LongForeign text={runs.reason} />
            </p>
          )}
          {runs.reapproval !== undefined && (
            <p>
              <a href={promotionHash(runs.reapproval)}>{messages.production.reapproval}</a>
            </p>
          )}
        </>
      )}
    </Section>
  );
}

function History(props: {
  readonly promotions: readonly PromotionSummary[];
  readonly runs: PromotionSummary | undefined;
  readonly isPolicy: boolean;
}) {
  const { promotions, runs, isPolicy } = props;
  const words = messages.models;
  return (
    <Table
      caption={words.history}
      head={[isPolicy ? words.change : words.candidate, words.asked, words.state, words.reason]}
      rows={promotions.map(({ id, model, submittedAt, status, reason }) => ({
        key: id,
        cells: [
          <a key="candidate" href={recordHash(id)}>
            <Foreign text={model.version} />
          </a>,
          <Time key="asked" at={submittedAt} />,
          status === "deployed" && id !== runs?.id && !isPolicy ? (
            <Badge key="state" tone="plain" text={words.ranBefore} />
          ) : (
            <Badge key="state" tone={statusTones[status]} text={messages.statusOf(status, changesPolicies(model))} />
          ),
          reason === undefined ? "–" : <LongForeign key="reason" text={reason} />,
        ],
      }))}
    />
  );
}
