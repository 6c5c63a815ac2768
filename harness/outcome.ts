/** The five outcomes an attempt can have; every attempt has exactly one. */
export const OUTCOMES = ['valid', 'self', 'invalid', 'unparsable', 'truncated'] as const;

/**
 * valid: parsed to a state other than the source · self: parsed to the source · invalid: parsed,
 * but breaks the task's rule · unparsable · truncated: no stop within the token limit.
 */
export type Outcome = (typeof OUTCOMES)[number];
