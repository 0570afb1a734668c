import { useState } from "preact/hooks";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import { isPromotionId } from "../../../core/promotion/promotion-id.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { PromotionPage, PromotionSummary } from "../api/contract.ts";
import { Loading } from "../loading/loading.tsx";
import { messages } from "../messages/catalogue.ts";
import { statusTones } from "../review/stand.tsx";
import { recordHash } from "../routes.ts";
import type { Session } from "../session/session.ts";
import { Badge } from "../ui/badge.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { SearchForm } from "./search-form.tsx";
import { nothingAsked, type SearchFields, searchPath } from "./search-query.ts";

/** A page is filtered after it was read, so many may come back empty: so many are asked for at one press. */
const pagesAtOnce = 10;
const enough = 20;

interface Found {
  readonly fields: SearchFields;
  readonly promotions: readonly PromotionSummary[];
  readonly unreadable?: readonly string[];
  readonly next?: string;
}

interface Search {
  readonly fields: SearchFields;
  readonly found?: Found;
}

/** The last search of each session: whoever comes back from what was found finds the rest of it again. */
const kept = new WeakMap<Session, Search>();

/** Finds promotions by what an auditor knows of them. */
export function SearchSection({ session }: { readonly session: Session }) {
  const words = messages.audit.find;
  const [{ fields, found }, setSearch] = useState<Search>(() => kept.get(session) ?? { fields: nothingAsked });
  const keep = (search: Search): void => {
    kept.set(session, search);
    setSearch(search);
  };
  const [problem, setProblem] = useState<Pick<Problem, "sentence">>();
  const [searching, setSearching] = useState(false);
  const search = async (before?: Found): Promise<void> => {
    const id = fields.id.trim();
    if (before === undefined && isPromotionId(id)) {
      location.hash = recordHash(id);
      return;
    }
    if (before === undefined && id !== "") {
      // What else was found would look like the answer to it.
      keep({ fields });
      setProblem({ sentence: words.noId });
      return;
    }
    setSearching(true);
    setProblem(undefined);
    if (before === undefined) keep({ fields });
    let result: Found = before ?? { fields, promotions: [] };
    const shown = result.promotions.length;
    for (let page = 0; page < pagesAtOnce && result.promotions.length < shown + enough; page += 1) {
      const reply = await apiClient(session.idToken).get<PromotionPage>(searchPath(result.fields, result.next));
      if (reply.kind === "problem") {
        setProblem(reply.problem);
        break;
      }
      const { promotions, unreadable = [], next } = reply.value;
      result = {
        fields: result.fields,
        promotions: [...result.promotions, ...promotions],
        unreadable: [...(result.unreadable ?? []), ...unreadable],
        ...(next === undefined ? {} : { next }),
      };
      if (next === undefined) break;
    }
    keep({ fields: kept.get(session)?.fields ?? fields, found: result });
    setSearching(false);
  };
  return (
    <Section id="find" heading={words.heading}>
      <SearchForm
        fields={fields}
        searching={searching}
        onFields={(typed) => keep({ ...kept.get(session), fields: typed })}
        onSearch={() => void search()}
      />
      {searching && <Loading text={words.searching} />}
      {problem !== undefined && <ProblemNotice sentence={problem.sentence} />}
      {found !== undefined && (problem === undefined || found.promotions.length > 0) && (
        <>
          <p role="status">{words.found(found.promotions.length, found.next !== undefined)}</p>
          <Unreadable lists={[found]} />
          {found.promotions.length > 0 && <FoundTable promotions={found.promotions} />}
          {found.next !== undefined && (
            <button type="button" aria-disabled={searching} onClick={() => void (searching || search(found))}>
              {words.more}
            </button>
          )}
        </>
      )}
    </Section>
  );
}

function FoundTable({ promotions }: { readonly promotions: readonly PromotionSummary[] }) {
  const words = messages.audit.find;
  const each = [...new Map(promotions.map((promotion) => [promotion.id, promotion])).values()];
  return (
    <Table
      caption={words.heading}
      head={[words.candidate, words.status, words.submitted]}
      rows={each.map(({ id, model, target, status, submittedAt }) => ({
        key: id,
        cells: [
          <a key="candidate" href={recordHash(id)}>
            <Foreign text={messages.review.title(model.name, model.version, target)} />
          </a>,
          <Badge key="status" tone={statusTones[status]} text={messages.statusOf(status, changesPolicies(model))} />,
          <Time key="submitted" at={submittedAt} />,
        ],
      }))}
    />
  );
}
