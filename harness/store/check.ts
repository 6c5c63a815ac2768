import type { Shard } from '../experiment/shard.js';
import { OUTCOMES } from '../outcome.js';
import { identify } from './identity.js';
import {
	type AttemptRecord,
	type CellPlan,
	type Design,
	IDENTITY_KINDS,
	type LawRecord,
	type RunPlan,
} from './records.js';
import { isWellFormed } from './text.js';
import { isUint32, UINT32_MAX } from './tokens.js';

/** Number of each outcome in the database. */
export const OUTCOME_IDS: ReadonlyMap<string, number> = new Map(
	OUTCOMES.map((name, id) => [name, id]),
);

const DESIGNS: readonly string[] = ['fixed', 'crawl', 'chain'] satisfies Design[];

/** What an attempt must agree with. */
export interface PlannedCell {
	readonly design: Design;
	readonly attempts: number;
	/** Ids of the sources planned (fixed); empty for crawl and chain. */
	readonly sources: ReadonlyMap<string, number>;
}

/** @throws TypeError, RangeError naming the member, its value and what it may be */
export function checkRunPlan(plan: RunPlan): void {
	for (const member of ['key', 'name', 'config', 'toolVersion'] as const)
		checkText(plan[member], `run plan: ${member}`);
	if (plan.key === '') throw new RangeError('run plan: key is empty');
	try {
		JSON.parse(plan.config);
	} catch (cause) {
		throw new RangeError(`run plan: config is not JSON: ${plan.config.slice(0, 40)}`, { cause });
	}
	checkShard(plan.shard);
	if (plan.cells.length === 0 && plan.shard === null)
		throw new RangeError('run plan: it has no cell');
	const keys = new Set<string>();
	for (const cell of plan.cells) {
		checkCellPlan(cell);
		if (keys.has(cell.key)) throw new RangeError(`run plan: cell ${cell.key} is there twice`);
		keys.add(cell.key);
	}
}

function checkShard(shard: Shard | null): void {
	if (shard === null) return;
	const { index, count } = shard;
	if (!isUint32(index) || !isUint32(count) || index < 1 || index > count)
		throw new RangeError(`run plan: shard ${index}/${count} must be i/n with 1 ≤ i ≤ n`);
}

function checkCellPlan(cell: CellPlan): void {
	const where = `cell ${cell.key}`;
	for (const member of ['key', 'modelLabel', 'templateLabel'] as const)
		checkText(cell[member], `${where}: ${member}`);
	if (cell.key === '') throw new RangeError('run plan: a cell has an empty key');
	if (!DESIGNS.includes(cell.design))
		throw new RangeError(`${where}: design ${cell.design} must be one of ${DESIGNS.join(', ')}`);
	if (!isUint32(cell.seed)) throw new RangeError(`${where}: seed ${cell.seed} is no uint32`);
	if (!isUint32(cell.attempts) || cell.attempts === 0 || cell.attempts === UINT32_MAX)
		throw new RangeError(`${where}: attempts ${cell.attempts} must be 1 … 2^32 − 2`);

	if (cell.design !== 'fixed' && cell.sources.length > 0)
		throw new RangeError(`${where}: sources are planned in the fixed design only`);
	for (const source of cell.sources) checkState(source, `${where}: source`);
	if (new Set(cell.sources).size !== cell.sources.length)
		throw new RangeError(`${where}: a source is there twice`);

	for (const kind of IDENTITY_KINDS) {
		const { sha256: stated, content } = cell.identities[kind];
		const actual = identify(content).sha256;
		if (stated !== actual)
			throw new RangeError(`${where}: the ${kind} identity is ${actual}, not ${stated}`);
	}
}

/** @throws TypeError, RangeError as `checkRunPlan` does */
export function checkAttempt(attempt: AttemptRecord, cell: PlannedCell | undefined): void {
	if (cell === undefined)
		throw new RangeError(
			`attempt: cell ${attempt.cell} is in no run planned with this writer: call planRun first`,
		);
	const { source, draw, step, outcome, target } = attempt;
	checkState(source, 'attempt: source');
	if (!isUint32(draw) || draw === UINT32_MAX)
		throw new RangeError(`attempt: draw ${draw} must be an integer, 0 … 2^32 − 2`);
	if (cell.design === 'fixed') {
		if (step !== null) throw new RangeError(`attempt: step ${step} must be null in a fixed design`);
		if (draw >= cell.attempts || !cell.sources.has(source))
			throw new RangeError(`attempt: draw ${draw} from ${JSON.stringify(source)} is not planned`);
	} else if (!isUint32(step) || step === UINT32_MAX)
		throw new RangeError(`attempt: step ${step} must be an integer, 0 … 2^32 − 2`);

	if (!OUTCOME_IDS.has(outcome))
		throw new RangeError(`attempt: outcome ${outcome} must be one of ${OUTCOMES.join(', ')}`);
	checkTarget(attempt);
	if (target !== null) checkState(target, 'attempt: target');
	if (typeof attempt.text !== 'string')
		throw new TypeError(`attempt: text is ${typeof attempt.text}, not a string`);
	checkTokens(attempt.tokens, 'attempt: tokens');
}

function checkTarget({ outcome, source, target }: AttemptRecord): void {
	if (outcome === 'valid' && (target === null || target === source))
		throw new RangeError(
			`attempt: a valid outcome has a target other than its source, not ${target}`,
		);
	if (outcome === 'self' && target !== source)
		throw new RangeError(`attempt: a self outcome has its source as target, not ${target}`);
	if (outcome !== 'valid' && outcome !== 'self' && target !== null)
		throw new RangeError(`attempt: target of outcome ${outcome} must be null, not ${target}`);
}

/** @throws TypeError, RangeError as `checkRunPlan` does */
export function checkLaw(law: LawRecord, trees: ReadonlySet<number>): void {
	if (!trees.has(law.tree))
		throw new RangeError(`law: tree ${law.tree} is in no run planned with this writer`);
	checkState(law.source, 'law: source');
	checkTokens(law.path, 'law: path');
	if (!(law.checksum instanceof Uint8Array) || law.checksum.length !== 16)
		throw new RangeError(`law: checksum must be 16 bytes, not ${law.checksum?.length}`);
	if (!Number.isFinite(law.logNormalizer))
		throw new RangeError(`law: logNormalizer ${law.logNormalizer} is not finite`);
	for (const { token, logProbability } of law.top)
		if (!isUint32(token) || !Number.isFinite(logProbability))
			throw new RangeError(`law: top holds token ${token} with log-probability ${logProbability}`);
}

function checkText(value: unknown, what: string): void {
	if (typeof value !== 'string') throw new TypeError(`${what} is ${typeof value}, not a string`);
	if (!isWellFormed(value)) throw new RangeError(`${what} holds a lone surrogate`);
}

/** States are identities, so they must be exact: no repair as for completions. */
function checkState(value: unknown, what: string): void {
	checkText(value, what);
	if (value === '') throw new RangeError(`${what} is empty: a state is a non-empty text`);
}

function checkTokens(tokens: readonly number[], what: string): void {
	if (!Array.isArray(tokens)) throw new TypeError(`${what} must be an array of token ids`);
	for (const token of tokens)
		if (!isUint32(token)) throw new RangeError(`${what}: ${token} is no token id (uint32)`);
}
