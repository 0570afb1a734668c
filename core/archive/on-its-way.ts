/** So long it may take until what was recorded is in the log: whatever writes it is tried again for a while. */
export const onItsWaySeconds = 900;
