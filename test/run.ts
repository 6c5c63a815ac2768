/**
 * Guarded uvu runner. uvu 0.5.6 exits 0 on failing hooks, a forgotten .run(), a left-in .only and
 * an empty match; each of those is a failure here. Usage: node --import tsx test/run.ts [pattern]
 * Ends with `N passed, N failed` alone on a line.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';

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
const { parse } = await import('uvu/parse');

const folder = fileURLToPath(new URL('.', import.meta.url));
const pattern = process.argv[2] ?? '';
const { suites } = await parse(folder, /\.test\.ts$/);
const chosen = suites.filter(({ name }) => name.includes(pattern));

let passed = 0;
let failed = 0;
const problems: string[] = [];

function watch(file: string, run: Suite): Suite {
	return async () => {
		try {
			const outcome = await run();
			const [, ran, skipped, total] = outcome;
			passed += ran;
			failed += total - ran;
			if (skipped > 0) problems.push(`${file}: ${skipped} tests skipped or left out by .only`);
			if (ran !== total) problems.push(`${file}: ${total - ran} of ${total} tests did not pass`);
			return outcome;
		} catch (error) {
			failed += 1;
			problems.push(`${file}: a hook failed: ${String(error)}`);
			return [`\n  FAIL ${file}: ${String(error)}\n`, 0, 0, 1];
		}
	};
}

for (const [index, { name, file }] of chosen.entries()) {
	globalThis.UVU_INDEX = index;
	const group: Group = [name];
	globalThis.UVU_QUEUE.push(group);
	await import(pathToFileURL(file).href);
	if (group.length === 1) {
		failed += 1;
		problems.push(`${name}: no suite was run (is .run() missing?)`);
	}
	for (let i = 1; i < group.length; i++) group[i] = watch(name, group[i] as Suite);
}

await exec();
if (passed === 0) problems.push('no test passed');
for (const problem of problems) console.error(problem);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = problems.length > 0 ? 1 : 0;
