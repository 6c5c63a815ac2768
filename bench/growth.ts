/**
 * How cost grows with attempts, sources, vocabulary and model size. Every point is a process of its own
 * (bench/growth-point.ts). Prints a table, keeps its numbers in docs/figures/growth.json and draws them
 * to docs/figures/growth.svg. Run: npm run bench -- growth
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Growth, type GrowthAxis, type GrowthSeries, growthFigure } from './growth-figure.js';
import type { GrowthMeasured, GrowthPoint } from './growth-point.js';
import { makeRandomModel, type RandomShape, SMALL_REAL } from './llama-cpp-model.js';

const file = (name: string): string =>
	fileURLToPath(new URL(`../docs/figures/${name}`, import.meta.url));
const CHILD = fileURLToPath(new URL('./growth-point.ts', import.meta.url));

/** Peaked as a language model's laws are: some answers take most of the attempts. */
const EXPONENT = 2.5;
const MIB = 2 ** 20;
/** An eighth of what a run keeps: some 5,000 laws of a vocabulary of 256 or more. */
const SMALL = 32 * MIB;

const BASE = {
	design: 'fixed',
	sources: 20,
	attempts: 2000,
	maxTokens: 6,
	laws: { vocabulary: 1000, exponent: EXPONENT },
	limit: null,
} as const satisfies GrowthPoint;

interface Planned {
	readonly axis: GrowthAxis;
	readonly label: string;
	readonly points: readonly {
		readonly at: number;
		readonly name: string;
		readonly point: GrowthPoint;
	}[];
}

/** A shape of about ten million parameters. */
const TEN_MILLION: RandomShape = {
	vocabulary: 8000,
	width: 256,
	inner: 768,
	blocks: 6,
	heads: 4,
};

/** @param folder where random models are made */
function plan(folder: string): Planned[] {
	const series = (
		axis: GrowthAxis,
		label: string,
		at: readonly number[],
		of: PointAt,
	): Planned => ({
		axis,
		label,
		points: at.map((n) => ({ at: n, name: n.toLocaleString('en'), point: of(n) })),
	});
	const decades = [1e3, 1e4, 1e5, 1e6];
	const sources = [10, 100, 1000];
	const vocabularies = [100, 1000, 10_000, 32_000, 150_000];
	const crawl = { ...BASE, design: 'crawl' } as const;
	return [
		series('attempts', 'fixed', decades, (attempts) => ({ ...BASE, attempts })),
		series('attempts', 'crawl', decades, (attempts) => ({ ...crawl, attempts })),
		series('attempts', 'crawl, 32 MiB', decades, (attempts) => ({
			...crawl,
			attempts,
			limit: SMALL,
		})),
		series('sources', 'fixed', sources, (n) => ({ ...BASE, sources: n, attempts: 100 * n })),
		series('sources', 'crawl', sources, (n) => ({ ...crawl, sources: n, attempts: 100 * n })),
		series('sources', 'crawl, 32 MiB', sources, (n) => ({
			...crawl,
			sources: n,
			attempts: 100 * n,
			limit: SMALL,
		})),
		series('vocabulary', 'fixed', vocabularies, (vocabulary) => ({
			...BASE,
			laws: { vocabulary, exponent: EXPONENT },
		})),
		series('vocabulary', 'crawl', vocabularies, (vocabulary) => ({
			...crawl,
			laws: { vocabulary, exponent: EXPONENT },
		})),
		models(folder),
	];
}

type PointAt = (n: number) => GrowthPoint;

function models(folder: string): Planned {
	const model = (at: number, name: string, laws: GrowthPoint['laws']) => ({
		at,
		name,
		point: { ...BASE, sources: 10, attempts: 200, maxTokens: 4, laws },
	});
	const random = (shape: RandomShape, name: string) => {
		const path = join(folder, `${name}.gguf`);
		makeRandomModel(path, 6, shape);
		return model(parametersOf(shape), name, { id: name, path });
	};
	return {
		axis: 'parameters',
		label: 'fixed',
		points: [
			model(57_152, 'llama-reversible', { id: 'llama-reversible', path: null }),
			model(886_016, 'llama-words', { id: 'llama-words', path: null }),
			random(TEN_MILLION, 'random-10m'),
			random(SMALL_REAL, 'random-134m'),
		],
	};
}

function parametersOf({ vocabulary, width, inner, blocks }: RandomShape): number {
	return 2 * vocabulary * width + blocks * (4 * width * width + 3 * width * inner);
}

/** Measures every point, writes numbers and figure, returns the table. */
export async function benchGrowth(): Promise<string[]> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
	try {
		const series = plan(folder).map(
			({ points, ...rest }): GrowthSeries => ({
				...rest,
				points: points.map(({ at, name, point }) => ({ at, name, measured: child(point) })),
			}),
		);
		const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, node ${process.version}`;
		const growth: Growth = { machine, series };
		writeFileSync(file('growth.json'), `${JSON.stringify(growth, null, '\t')}\n`);
		writeFileSync(file('growth.svg'), growthFigure(growth));
		return growthTable(growth);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function child(point: GrowthPoint): GrowthMeasured {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		['--import', 'tsx', CHILD, JSON.stringify(point)],
		{ encoding: 'utf8', maxBuffer: 1 << 26 },
	);
	if (status !== 0) throw new Error(`${JSON.stringify(point)}: exit ${status}\n${stderr}`);
	return JSON.parse(stdout) as GrowthMeasured;
}

/** One line a point, in columns. */
export function growthTable({ series }: Growth): string[] {
	const head = [
		'',
		'processor s',
		'ratio',
		'evaluations',
		'nodes',
		'trees MiB',
		'let go',
		'process MiB',
	];
	const rows = series.flatMap(({ axis, label, points }) =>
		points.map(({ name, measured: m }) => [
			`${axis} ${name}, ${label}`,
			m.cpu.toFixed(2),
			(m.cpu / (points[0]?.measured.cpu ?? m.cpu)).toFixed(1),
			String(m.evaluations),
			String(m.nodes),
			(m.tree / MIB).toFixed(1),
			String(m.dropped),
			(m.peak / MIB).toFixed(0),
		]),
	);
	return alignRight([head, ...rows]);
}

/** The first column to the left, the others to the right. */
function alignRight(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
			.join('  '),
	);
}

/** Draws the figure anew from the numbers kept. Run: node --import tsx bench/growth.ts */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const growth = JSON.parse(readFileSync(file('growth.json'), 'utf8')) as Growth;
	writeFileSync(file('growth.svg'), growthFigure(growth));
	console.log(growthTable(growth).join('\n'));
}
