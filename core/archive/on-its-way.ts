/** So long it may take until what was recorded is in the log: whatever writes it is tried again for a while. */
export const onItsWaySeconds = 900;

/** What the archive had to give up is in the log once table and ledger were compared, which is done each night. */
export const missesForSeconds = 2 * 86_400;
