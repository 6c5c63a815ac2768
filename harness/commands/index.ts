import type { CommandSpec } from './command.js';
import { ARCHIVE } from './specs/archive.js';
import { CACHE } from './specs/cache.js';
import { COMPARE } from './specs/compare.js';
import { completionSpec } from './specs/completion.js';
import { DOCTOR } from './specs/doctor.js';
import { EXCHANGE } from './specs/exchange.js';
import { JUDGE } from './specs/judge.js';
import { KERNEL } from './specs/kernel.js';
import { MODELS } from './specs/models.js';
import { READ } from './specs/read.js';
import { REPORT } from './specs/report.js';
import { RUN } from './specs/run.js';
import { VIEW } from './specs/view.js';

const WORKING: readonly CommandSpec[] = [
	...RUN,
	...KERNEL,
	...JUDGE,
	...COMPARE,
	...REPORT,
	...VIEW,
	...ARCHIVE,
	...EXCHANGE,
	...READ,
	...MODELS,
	...DOCTOR,
	...CACHE,
];

/** Every command: what it is called, what it takes, and where its code is. Data, so help is quick. */
export const COMMANDS: readonly CommandSpec[] = [...WORKING, completionSpec(WORKING)];
