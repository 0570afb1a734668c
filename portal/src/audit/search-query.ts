import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { Status } from "../../../core/promotion/promotion.ts";

/** What was typed into the search; empty where nothing was. */
export interface SearchFields {
  readonly id: string;
  readonly model: string;
  readonly target: string;
  readonly status: Status | "any";
  readonly person: string;
  /** As a `datetime-local` field has them: in the reader's zone. */
  readonly from: string;
  readonly to: string;
}

export const nothingAsked: SearchFields = {
  id: "",
  model: "",
  target: "",
  status: "any",
  person: "",
  from: "",
  to: "",
};

/** The request for one page of what was asked for. */
export function searchPath(fields: SearchFields, cursor?: string): string {
  const parameters = {
    status: fields.status,
    model: fields.model.trim(),
    target: fields.target.trim(),
    person: fields.person.trim(),
    from: instantText(fields.from),
    to: instantText(fields.to),
    cursor: cursor ?? "",
  };
  return `/v1/promotions?${new URLSearchParams(Object.entries(parameters).filter(([, text]) => text !== ""))}`;
}

/** A local time as the API takes times; empty where none was given. */
export function instantText(local: string): string {
  const ms = new Date(local).getTime();
  return local === "" || Number.isNaN(ms) ? "" : instantFromMs(ms);
}
