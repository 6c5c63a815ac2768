/**
 * Runs uvu suites in this process. uvu 0.5.6 exits 0 on failing hooks, a forgotten .run(), a left-in
 * .only and an empty match; each of those is a failure here.
 */
import { pathToFileURL } from 'node:url';

export interface SuiteFile {
	readonly name: string;
	readonly file: string;
}

export interface Tally {
	readonly passed: number;
	readonly failed: number;
	/** in words; empty where all is well */
	readonly problems: readonly string[];
}

type Outcome = [errors: string, ran: number, skipped: number, total: number];
type Suite = () => Promise<Outcome>;
type Group = [name: string, ...suites: Suite[]];
declare global {
	var UVU_DEFER: 0 | 1;
	var UVU_INDEX: number;
	var UVU_QUEUE: Group[];
}

globalThis.UVU_DEFER = 1;
const { exec } = await import('uvu');

/** May be called again and again, each time with other files. */
export async function runSuites(suites: readonly SuiteFile[]): Promise<Tally> {
	const tally = { passed: 0, failed: 0, problems: [] as string[] };
	globalThis.UVU_QUEUE = [];
	for (const [index, { name, file }] of suites.entries()) {
		globalThis.UVU_INDEX = index;
		const group: Group = [name];
		globalThis.UVU_QUEUE.push(group);
		await import(pathToFileURL(file).href);
		if (group.length === 1) {
			tally.failed += 1;
			tally.problems.push(`${name}: no suite was run (is .run() missing?)`);
		}
		for (let i = 1; i < group.length; i++) group[i] = watch(name, group[i] as Suite, tally);
	}
	await exec();
	return tally;
}

function watch(
	file: string,
	run: Suite,
	tally: { passed: number; failed: number; problems: string[] },
): Suite {
	return async () => {
		try {
			const outcome = await run();
			const [, ran, skipped, total] = outcome;
			tally.passed += ran;
			tally.failed += total - ran;
			if (skipped > 0)
				tally.problems.push(`${file}: ${skipped} tests skipped or left out by .only`);
			if (ran !== total)
				tally.problems.push(`${file}: ${total - ran} of ${total} tests did not pass`);
			return outcome;
		} catch (error) {
			tally.failed += 1;
			tally.problems.push(`${file}: a hook failed: ${String(error)}`);
			return [`\n  FAIL ${file}: ${String(error)}\n`, 0, 0, 1];
		}
	};
}
