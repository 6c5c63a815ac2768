import type { CommandSpec } from '../command.js';

/** Commands: sealed artifacts. */
export const ARCHIVE: readonly CommandSpec[] = [];
