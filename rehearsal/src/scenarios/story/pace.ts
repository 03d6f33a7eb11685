/**
 * How long traffic runs before the push and at the end, to see who answers, and how long slow
 * requests take; shorter where the service was watched in the scenarios before.
 */
export const NEW_WORLD = { observationMs: 3000, slowBodyMs: 3000 };
export const SHARED_WORLD = { observationMs: 1500, slowBodyMs: 1000 };
