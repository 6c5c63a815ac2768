import type { CommandSpec } from '../command.js';

/** Commands: reading a database. */
export const READ: readonly CommandSpec[] = [];
