/** The folders are the data flow, and each outside package has one door. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const HARNESS = fileURLToPath(new URL('../harness/', import.meta.url));

/** Folder → folders of the harness it may import from (itself and the files beside it aside). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	numerics: [],
	engine: [],
	experiment: ['engine'],
	models: ['engine', 'experiment'],
	sampling: ['experiment', 'engine', 'numerics'],
	kernel: ['sampling', 'experiment', 'engine'],
	store: ['experiment'],
	exchange: ['experiment'],
	analysis: ['numerics'],
	runner: ['analysis', 'kernel', 'sampling', 'store', 'exchange', 'experiment', 'engine', 'models'],
	dossier: ['runner', 'analysis', 'store', 'experiment', 'engine', 'models'],
	report: ['analysis', 'dossier'],
	view: ['analysis', 'experiment', 'report', 'runner', 'store'],
	archive: ['runner', 'store', 'experiment', 'models', 'engine'],
	commands: [
		'dossier',
		'archive',
		'view',
		'runner',
		'report',
		'analysis',
		'store',
		'exchange',
		'sampling',
		'experiment',
		'engine',
		'models',
		'numerics',
	],
};

/** Outside package → the file that imports it. */
const DOORS: Readonly<Record<string, string>> = {
	'node-llama-cpp': 'engine/llama.ts',
	'better-sqlite3': 'store/database.ts',
	'ml-matrix': 'numerics/linear-algebra.ts',
	yargs: 'cli.ts',
	yaml: 'experiment/yaml-source.ts',
	zod: 'experiment/schema.ts',
	'csv-parse': 'exchange/csv-records.ts',
	'hyparquet-writer': 'exchange/parquet-file.ts',
	'fastest-levenshtein': 'experiment/nearest.ts',
	'@huggingface/jinja': 'experiment/chat-template.ts',
	'cli-progress': 'report/progress.ts',
	picocolors: 'report/style.ts',
	'@observablehq/plot': 'report/figure.ts',
	linkedom: 'report/figure.ts',
	'@resvg/resvg-wasm': 'report/png.ts',
	fflate: 'report/gzip.ts',
	'get-east-asian-width': 'report/width.ts',
	'@zip.js/zip.js': 'archive/zip.ts',
};

/** Its downloader runs in a process of its own, which has no use for the rest of llama.ts. */
const SECOND_DOORS: Readonly<Record<string, string>> = {
	'node-llama-cpp': 'engine/llama-download.ts',
};

/** Folders that take numbers and give numbers: no clock, file, process, console or chance. */
const PURE = ['numerics', 'analysis'];

const files = readdirSync(HARNESS, { recursive: true })
	.map((name) => String(name).replaceAll('\\', '/'))
	.filter((name) => name.endsWith('.ts'));

function source(file: string): string {
	return readFileSync(join(HARNESS, file), 'utf8');
}

function imports(file: string): string[] {
	const pattern =
		/^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm;
	return [...source(file).matchAll(pattern)].map((m) => (m[1] ?? m[2] ?? m[3]) as string);
}

function folderOf(file: string): string {
	return file.includes('/') ? (file.split('/')[0] as string) : '';
}

test('there are files to look at, and imports are found', () => {
	assert.ok(files.length > 50, `${files.length} files`);
	assert.ok(imports('cli.ts').includes('yargs'));
	assert.ok(imports('commands/specs/run.ts').includes('../run.js'));
});

test('every folder has its rule', () => {
	for (const file of files) {
		const folder = folderOf(file);
		assert.ok(folder === '' || folder in MAY_IMPORT, `harness/${folder}/ has no rule`);
	}
});

test('imports follow the arrow', () => {
	for (const file of files) {
		const folder = folderOf(file);
		if (folder === '') continue;
		const allowed = [folder, '', ...(MAY_IMPORT[folder] as string[])];
		for (const name of imports(file)) {
			if (!name.startsWith('.')) continue;
			const target = normalize(join(dirname(file), name)).replaceAll('\\', '/');
			// Recipes of the calibration models, outside the harness.
			if (target.startsWith('../models/')) {
				assert.ok(['models', 'experiment'].includes(folder), `${file} imports ${name}`);
				continue;
			}
			assert.ok(allowed.includes(folderOf(target)), `${file} imports ${name}`);
		}
	}
});

test('each outside package has one door', () => {
	for (const file of files) {
		for (const name of imports(file)) {
			const door = Object.entries(DOORS).find(([p]) => name === p || name.startsWith(`${p}/`));
			if (door) {
				const doors = [door[1], SECOND_DOORS[door[0]]];
				assert.ok(doors.includes(file), `only ${door[1]} may import ${name}, not ${file}`);
			} else assert.match(name, /^(\.|node:)/, `${file} imports ${name}, which has no door`);
		}
	}
});

test('statistics are pure', () => {
	for (const file of files) {
		if (!PURE.includes(folderOf(file))) continue;
		const found = source(file).match(
			/Math\.random|Date\.now|new Date\(|\bprocess\.|\bconsole\.|from 'node:/,
		);
		assert.is(found, null, `${file} uses ${found?.[0]}`);
	}
});

test('no import goes round in a circle', () => {
	const next = new Map(
		files.map((file) => [
			file,
			imports(file)
				.filter((name) => name.startsWith('.'))
				.map((name) => normalize(join(dirname(file), name)).replace(/\.js$/, '.ts')),
		]),
	);
	const state = new Map<string, 'open' | 'done'>();
	const visit = (file: string, trail: readonly string[]): void => {
		if (state.get(file) === 'done') return;
		assert.is.not(state.get(file), 'open', [...trail, file].join(' → '));
		state.set(file, 'open');
		for (const target of next.get(file) ?? []) visit(target, [...trail, file]);
		state.set(file, 'done');
	};
	for (const file of files) visit(file, []);
});

test.run();
