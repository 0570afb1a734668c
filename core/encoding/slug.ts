/** What models, their types, targets, roles and secrets are called: none of them looks like another that it is not. */
export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
