/**
 * Runs the tests and ends with `N passed, N failed` alone on a line.
 * Usage: node --import tsx test/run.ts [pattern] [--browser]
 * Files are shared out over DETBAL_TEST_JOBS processes (default: 2 where there are 2 cores). Tests in a
 * browser (test/browser) need chromium: only they run with --browser, they too with DETBAL_BROWSER=1.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runSuites, type SuiteFile, type Tally } from './run-suites.js';

const SELF = fileURLToPath(import.meta.url);
/** Argument of a process that runs the files it is sent. */
const CHILD = '--child';

if (process.argv.includes(CHILD)) {
	process.on('message', async (suite: SuiteFile) => {
		const tally = await runSuites([suite]).catch(
			(error: unknown): Tally => ({
				passed: 0,
				failed: 1,
				problems: [`${suite.name}: ${error instanceof Error ? error.stack : String(error)}`],
			}),
		);
		process.send?.(tally);
	});
	process.send?.(null);
} else {
	await main(process.argv.slice(2));
}

async function main(args: readonly string[]): Promise<void> {
	const suites = await chosenSuites(args);
	const jobs = Math.min(jobsWanted(), suites.length);
	const tallies = jobs > 1 ? await runShared(suites, jobs) : [await runSuites(suites)];
	const sum = (of: (tally: Tally) => number) => tallies.reduce((all, tally) => all + of(tally), 0);
	const passed = sum((tally) => tally.passed);
	const problems = tallies.flatMap((tally) => tally.problems);
	if (passed === 0) problems.push('no test passed');
	for (const problem of problems) console.error(problem);
	console.log(`\n${passed} passed, ${sum((tally) => tally.failed)} failed`);
	process.exitCode = problems.length > 0 ? 1 : 0;
}

async function chosenSuites(args: readonly string[]): Promise<readonly SuiteFile[]> {
	const { parse } = await import('uvu/parse');
	const pattern = args.find((arg) => !arg.startsWith('--')) ?? '';
	const both = process.env.DETBAL_BROWSER === '1' ? /\.(test|browser)\.ts$/ : /\.test\.ts$/;
	const kinds = args.includes('--browser') ? /\.browser\.ts$/ : both;
	const { suites } = await parse(fileURLToPath(new URL('.', import.meta.url)), kinds);
	return suites.filter(({ name }) => name.includes(pattern));
}

function jobsWanted(): number {
	const jobs = Number(process.env.DETBAL_TEST_JOBS ?? Math.min(2, availableParallelism()));
	if (Number.isInteger(jobs) && jobs >= 1) return jobs;
	throw new Error(`DETBAL_TEST_JOBS is ${process.env.DETBAL_TEST_JOBS}: give a number from 1`);
}

/** Each process takes the next file when it has done one; what it printed is shown then. */
async function runShared(suites: readonly SuiteFile[], jobs: number): Promise<Tally[]> {
	const waiting = [...suites];
	const tallies: Tally[] = [];
	await Promise.all(Array.from({ length: jobs }, () => work(waiting, tallies)));
	return tallies;
}

function work(waiting: SuiteFile[], tallies: Tally[]): Promise<void> {
	return new Promise((resolve) => {
		const child: ChildProcess = fork(SELF, [CHILD], { silent: true });
		const printed: Buffer[] = [];
		const keep = (chunk: Buffer): void => void printed.push(chunk);
		child.stdout?.on('data', keep);
		child.stderr?.on('data', keep);
		let current: SuiteFile | undefined;
		child.on('message', (tally: Tally | null) => {
			if (tally !== null) tallies.push(tally);
			// What was printed last may still be on its way.
			setTimeout(() => {
				process.stdout.write(Buffer.concat(printed.splice(0)));
				current = waiting.shift();
				if (current === undefined) child.disconnect();
				else child.send(current);
			}, 20);
		});
		child.on('exit', (code, signal) => {
			process.stdout.write(Buffer.concat(printed.splice(0)));
			if (current !== undefined) {
				const problems = [`${current.name}: its process ended early (${signal ?? code})`];
				tallies.push({ passed: 0, failed: 1, problems });
			} else if (code !== 0) {
				const problems = [`a process that ran tests ended with ${signal ?? code}`];
				tallies.push({ passed: 0, failed: 1, problems });
			}
			// A process that died takes no further files: another goes on with them.
			if (waiting.length > 0 && current !== undefined) resolve(work(waiting, tallies));
			else resolve();
		});
	});
}
