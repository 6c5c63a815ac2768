/**
 * Report and archive of a database with a million attempts, through the command line: each is a process
 * of its own, whose peak of memory is read from the operating system. Run: npm run bench -- artifacts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { STATES } from '../models/calibration/kernels.js';
import { type DataShape, writeOutcomes } from './verify-data.js';

const CLI = fileURLToPath(new URL('../dist/harness/cli.js', import.meta.url));

/** Few states: a run on calibration models, 1,000,000 attempts. */
const MODELS = ['llama-reversible', 'gpt2-driven', 'qwen2-independent', 'gptneox-star'];
/** Many states: 1,000,000 attempts over 2,000 states. */
const MANY: DataShape = { states: 2000, proposals: 10, attempts: 500 };

export async function benchArtifacts(): Promise<string[]> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
	try {
		const few = join(folder, 'few.sqlite');
		const experiment = join(folder, 'few.yaml');
		writeFileSync(experiment, experimentText());
		detbal(['run', experiment, '--db', few]);
		const many = join(folder, 'many.sqlite');
		writeOutcomes(many, MANY, { done: 0, times: 1 });
		const lines: string[] = [];
		for (const [name, db] of Object.entries({ few, many })) {
			const html = join(folder, `${name}.html`);
			const made = detbal(['report', db, '-o', html]);
			lines.push(`${name}: database of 1,000,000 attempts   ${megabytes(db)}`);
			lines.push(`  detbal report             ${made}, page of ${megabytes(html)}`);
			lines.push(`  opened in chromium        ${await opening(html)}`);
		}
		const zip = join(folder, 'few.zip');
		const sealed = detbal(['archive', few, '-o', zip]);
		lines.push(`few: detbal archive         ${sealed}, file of ${megabytes(zip)}`);
		lines.push(`  detbal archive verify     ${detbal(['archive', 'verify', zip])}`);
		return lines;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function experimentText(): string {
	const attempts = 1_000_000 / (MODELS.length * STATES.length);
	return JSON.stringify({
		name: 'few',
		seeds: [1],
		task: { kind: 'closed', states: STATES },
		attempts,
		models: MODELS.map((id) => ({ id })),
		templates: [{ id: 'plain', text: 'An example word is {state}. A new word:' }],
	});
}

/** Seconds by the clock and of processor time, and the peak of resident memory. */
function detbal(args: readonly string[]): string {
	const start = performance.now();
	const probe = `process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); require('node:fs').writeSync(3, JSON.stringify([maxRSS, (userCPUTime + systemCPUTime) / 1e6])); });`;
	const hook = `data:text/javascript,import { createRequire } from 'node:module'; const require = createRequire('file:///'); ${probe}`;
	const { status, stderr, output } = spawnSync(process.execPath, ['--import', hook, CLI, ...args], {
		stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
		encoding: 'utf8',
		maxBuffer: 1 << 26,
	});
	if (status !== 0) throw new Error(`detbal ${args.join(' ')}: exit ${status}\n${stderr}`);
	const [peak, cpu] = JSON.parse(output[3] ?? '[]') as [number, number];
	const seconds = (performance.now() - start) / 1000;
	return `${seconds.toFixed(1)} s, processor ${cpu.toFixed(1)} s, peak ${(peak / 1024).toFixed(0)} MiB`;
}

/** From navigation to the load event, and to the first paint. */
async function opening(html: string): Promise<string> {
	const executable = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
	if (executable === undefined) return 'not measured: there is no chromium';
	const { chromium } = await import('playwright-core');
	const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
	try {
		const times: { load: number; paint: number }[] = [];
		for (let i = 0; i < 5; i++) {
			const page = await browser.newPage();
			await page.goto(pathToFileURL(html).href);
			times.push(await page.evaluate<{ load: number; paint: number }>(MEASURE));
			await page.close();
		}
		const middle = (of: (t: { load: number; paint: number }) => number): string =>
			(times.map(of).sort((a, b) => a - b)[2] as number).toFixed(0);
		return `loaded in ${middle((t) => t.load)} ms, first paint at ${middle((t) => t.paint)} ms, medians of 5 (goal: 1000)`;
	} finally {
		await browser.close();
	}
}

/** Run in the page. */
const MEASURE = `({
	load: performance.getEntriesByType('navigation')[0].loadEventStart,
	paint: (performance.getEntriesByName('first-contentful-paint')[0] ?? { startTime: NaN }).startTime,
})`;

const megabytes = (file: string): string => `${(statSync(file).size / 1e6).toFixed(2)} MB`;
