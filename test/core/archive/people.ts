import { member } from "./reviewers.ts";

export const cora = member("Cora", "compliance-officers");
export const dana = member("Dana", "lead-data-scientists");
export const sam = member("Sam", "sre");
export const tom = member("Tom", "lead-data-scientists");
