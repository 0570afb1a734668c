import { changesPolicies } from "../../../core/policy/change-words.ts";
import type { PromotionPage } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { ProblemToRetry } from "../loading/problem-to-retry.tsx";
import { messages } from "../messages/catalogue.ts";
import { statusTones } from "../review/stand.tsx";
import { modelHash, promotionHash } from "../routes.ts";
import { Badge } from "../ui/badge.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { type PollOptions, usePolled } from "../ui/use-polled.ts";
import { whatRunsWhere } from "./what-runs.ts";

const pauseMs = 30_000;
const listing = (status: string): string => `/v1/promotions?status=${status}&limit=100`;

/** What runs where: of each model in each target the version that answers, and whether it is restricted. */
export function ModelsPage(props: Omit<PollOptions<PromotionPage>, "pause" | "read">) {
  const words = messages.models;
  const options = { ...props, pause: () => pauseMs };
  const deployed = usePolled<PromotionPage>(listing("deployed"), options);
  const restricted = usePolled<PromotionPage>(listing("restricted"), options);
  const loaned = usePolled<PromotionPage>(listing("loaned"), options);
  const lists = [deployed, restricted, loaned];
  const problem = lists.find((list) => list.problem !== undefined)?.problem;
  const whole = lists.every(({ value }) => value !== undefined);
  const runs = whatRunsWhere(lists.flatMap(({ value }) => value?.promotions ?? []));
  const tryAgain = (): void => {
    for (const { again } of lists) again();
  };
  return (
    <>
      <PageHeading text={words.heading} />
      {problem !== undefined && !props.expired && <ProblemToRetry problem={problem} onTry={tryAgain} />}
      {!whole && problem === undefined && <Loading onTry={tryAgain} />}
      <Unreadable lists={lists.map(({ value }) => value)} />
      {whole && runs.length === 0 && <p>{words.none}</p>}
      {lists.some(({ value }) => value?.next !== undefined) && <p class="quiet">{words.more}</p>}
      {whole && runs.length > 0 && (
        <div class="card">
          <Table
            caption={words.heading}
            head={[words.model, words.target, words.version, words.since, words.state]}
            rows={runs.map(({ id, model, target, submittedAt, status }) => ({
              key: id,
              cells: [
                <a key="model" href={modelHash(model.name, target)}>
                  <Foreign text={model.name} />
                </a>,
                <Foreign key="target" text={target} />,
                <a key="version" href={promotionHash(id)}>
                  <Foreign text={model.version} />
                </a>,
                <Time key="since" at={submittedAt} />,
                <Badge
                  key="state"
                  tone={statusTones[status]}
                  text={messages.statusOf(status, changesPolicies(model))}
                />,
              ],
            }))}
          />
        </div>
      )}
    </>
  );
}
