import { factOf } from "../retelling.ts";
import type { Lie } from "./lies.ts";

const numberOf = (id: string) => Number(id.slice(id.lastIndexOf("/") + 1));

/** What a log may leave out at the end of a promotion's records, where nothing that follows misses it. */
export const loanLies: readonly Lie[] = [
  {
    what: "a loan that was over long before the log's end, and nothing says that it ended",
    tell: ({ house, lent }) => {
      const ended = factOf(house, "loan-ended", lent);
      const after = ({ id }: { readonly id: string }) => /\/\d+$/.test(id) && numberOf(id) >= numberOf(ended.id);
      return { facts: house.facts.filter((fact) => fact.promotion !== lent || !after(fact)) };
    },
    code: "loan-invalid",
    sentence:
      /^The loan was over at .*, and the log, which goes on until .*, does not say that it ended or was ratified\.$/,
  },
];
