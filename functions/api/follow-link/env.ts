import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  /** The keys by which a link may have been made, with a comma between. */
  LINK_KEY_IDS: name,
  PORTAL_URL: v.pipe(v.string(), v.url()),
});
