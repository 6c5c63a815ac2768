import type { CommandSpec } from '../command.js';

/** Commands: a look at a run while it goes on. */
export const VIEW: readonly CommandSpec[] = [];
