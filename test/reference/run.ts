/**
 * Makes results/reference: what the experiments on the embedded language models give, through the
 * command line as a user would. For maintainers, some minutes: npm run reference [NAME …]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

interface Reference {
	readonly experiment: string;
	readonly verify: readonly string[];
	readonly compare: boolean;
	/** Keep all counts, as Parquet. */
	readonly counts: boolean;
}

const EXPERIMENTS: readonly Reference[] = [
	{ experiment: 'words', verify: [], compare: false, counts: false },
	{ experiment: 'words-demo', verify: [], compare: true, counts: false },
	{ experiment: 'words-twins', verify: ['--tolerance', '0.5'], compare: false, counts: false },
	{ experiment: 'words-crawl', verify: [], compare: false, counts: true },
];

const root = fileURLToPath(new URL('../../', import.meta.url));
const target = join(root, 'results', 'reference');
const folder = mkdtempSync(join(tmpdir(), 'detbal-reference-'));
const wanted = process.argv.slice(2);

function make({ experiment, verify, compare, counts }: Reference): void {
	const file = join('datasets', 'experiments', `${experiment}.yaml`);
	const db = join(folder, `${experiment}.sqlite`);
	const ran = JSON.parse(detbal('run', file, '--db', db, '--json')) as { runs: object[] };
	const found = JSON.parse(detbal('verify', db, ...verify, '--json')) as { groups: Group[] };
	const command = `detbal verify ${experiment}.sqlite ${['--outcomes', ...verify].join(' ')}`;
	const report = {
		made: [`detbal run ${file}`, command],
		runs: ran.runs,
		numerics: numericsOf(db),
		groups: found.groups.map(small),
	};
	keep(`${experiment}.json`, `${JSON.stringify(report, null, '\t')}\n`);
	keep(`${experiment}.txt`, `$ ${command}\n${detbal('verify', db, '--outcomes', ...verify)}`);
	if (compare)
		keep(
			`${experiment}-compare.txt`,
			`$ detbal compare ${experiment}.sqlite\n${detbal('compare', db)}`,
		);
	if (counts)
		detbal('export', db, '--counts', join(target, `${experiment}-counts.parquet`), '--force');
}

/** Exact kernels of every embedded model × template: numbers, and log T itself to six digits. */
function makeExact(): void {
	const file = join('datasets', 'experiments', 'words-exact.yaml');
	const db = join(folder, 'words-exact.sqlite');
	const found = JSON.parse(detbal('kernel', file, '--db', db, '--json')) as { groups: Exact[] };
	const command = `detbal kernel ${file} --db words-exact.sqlite`;
	const report = {
		made: [command],
		numerics: numericsOf(db),
		groups: found.groups.map(({ kernel, rows, ...group }) => ({
			...group,
			log: matrix(kernel),
		})),
	};
	const lines = report.groups.map((group) => `\t\t${JSON.stringify(group)}`).join(',\n');
	const head = JSON.stringify({ ...report, groups: [] }, null, '\t').replace(
		'"groups": []',
		'"groups": [',
	);
	keep('words-exact.json', `${head.replace(/\n}$/, `\n${lines}\n\t]\n}`)}\n`);
	keep(
		'words-exact.txt',
		`$ ${command}\n$ detbal verify words-exact.sqlite\n${detbal('verify', db)}`,
	);
}

interface Exact extends Group {
	readonly kernel: readonly {
		readonly source: string;
		readonly target: string;
		readonly logProbability: number | null;
	}[];
	readonly rows: readonly object[];
}

/** By source, in order of targets; null where no completion was found. */
function matrix(kernel: Exact['kernel']): Record<string, (number | null)[]> {
	const rows: Record<string, (number | null)[]> = {};
	for (const { source, logProbability } of kernel) {
		const log = logProbability === null ? null : Number(logProbability.toPrecision(6));
		rows[source] = [...(rows[source] ?? []), log];
	}
	return rows;
}

function detbal(...args: readonly string[]): string {
	console.error(`detbal ${args.join(' ')}`);
	return execFileSync('node', [join(root, 'dist', 'harness', 'cli.js'), ...args], {
		cwd: root,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		maxBuffer: 2 ** 30,
	});
}

function keep(name: string, text: string): void {
	writeFileSync(join(target, name), text);
}

/** What of `verify --json` is kept: enough to compare a repetition with, not the potentials of 600 words. */
interface Group {
	readonly model: string;
	readonly template: string;
	readonly [field: string]: unknown;
}

const KEPT = [
	'model',
	'template',
	'temperature',
	'attempts',
	'outcomes',
	'states',
	'pairs',
	'twoWayPairs',
	'independentLoops',
	'exactTest',
	'affinity',
	'entropyProduction',
	'dependence',
	'verdict',
	'sentence',
] as const;

function small(group: Group): object {
	return Object.fromEntries(KEPT.map((field) => [field, group[field]]));
}

/** Every numerics identity of the run: digests are equal where these are. */
function numericsOf(db: string): unknown[] {
	const database = new Database(db, { readonly: true });
	try {
		return database
			.prepare<[], { content: string }>("SELECT content FROM identities WHERE kind = 'numerics'")
			.all()
			.map(({ content }) => JSON.parse(content) as unknown);
	} finally {
		database.close();
	}
}

mkdirSync(target, { recursive: true });
try {
	for (const one of EXPERIMENTS)
		if (wanted.length === 0 || wanted.includes(one.experiment)) make(one);
	if (wanted.length === 0 || wanted.includes('words-exact')) makeExact();
} finally {
	rmSync(folder, { recursive: true });
}
