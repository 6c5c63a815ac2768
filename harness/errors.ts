/** A fault in what the user gave us (file, option, model). Printed without a stack; exit code 2. */
export class UsageError extends Error {
	override name = 'UsageError';
}

/** A run could not go on (disk full, locked database, crashed model). Printed without a stack; exit code 1. */
export class HarnessError extends Error {
	override name = 'HarnessError';
}
