import { type Applicant, columnValue } from "./dataset.ts";

/** A protected attribute, as two groups: the one that could be disadvantaged (Clarify's facet value), and the rest. */
export interface Facet {
  readonly name: string;
  readonly disadvantaged: string;
  readonly advantaged: string;
  readonly definition: string;
  readonly isDisadvantaged: (applicant: Applicant) => boolean;
}

/** Age is cut at 25 years, as studies of this data set usually do (Kamiran and Calders 2009). */
export const facets: readonly Facet[] = [
  {
    name: "sex",
    disadvantaged: "female",
    advantaged: "male",
    definition: "female where Personal.Female.NotSingle or Personal.Female.Single is 1",
    isDisadvantaged: (applicant) =>
      columnValue(applicant, "Personal.Female.NotSingle") === 1 ||
      columnValue(applicant, "Personal.Female.Single") === 1,
  },
  {
    name: "age",
    disadvantaged: "under 25",
    advantaged: "25 and older",
    definition: "under 25 where Age is below 25",
    isDisadvantaged: (applicant) => columnValue(applicant, "Age") < 25,
  },
];
