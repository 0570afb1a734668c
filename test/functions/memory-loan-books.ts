import type { LoanBook } from "../../core/promotion/loan.ts";

/** Budgets of loans in memory: the same conditions as adapters/dynamodb/loan-books.ts. */
export class MemoryLoanBooks {
  readonly #books = new Map<string, LoanBook>();

  readonly load = async (model: string, period: string): Promise<LoanBook | undefined> =>
    this.#books.get(`${model} ${period}`);

  readonly move = async (model: string, period: string, next: LoanBook): Promise<"moved" | "lost"> => {
    const key = `${model} ${period}`;
    if ((this.#books.get(key)?.revision ?? 0) !== next.revision - 1) return "lost";
    this.#books.set(key, next);
    return "moved";
  };
}
