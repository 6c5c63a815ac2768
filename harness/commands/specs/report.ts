import type { CommandSpec } from '../command.js';

/** Commands: what a reader looks at. */
export const REPORT: readonly CommandSpec[] = [];
