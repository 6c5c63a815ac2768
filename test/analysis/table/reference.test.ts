/** Where states stand to the reference component, against the closure of every directed path. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { relateToReference } from '../../../harness/analysis/table/reference.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { tableOf } from '../synthetic.js';

/** reach[f][g]: a directed path leads from f to g. */
function closure(table: CountTable, both: boolean): boolean[][] {
	const K = table.states.length;
	const reach = Array.from({ length: K }, (_, f) => Array.from({ length: K }, (_, g) => f === g));
	for (let f = 0; f < K; f++) {
		for (const g of table.target.slice(table.rowStart[f], table.rowStart[f + 1])) {
			reach[f]![g] = true;
			if (both) reach[g]![f] = true;
		}
	}
	for (let h = 0; h < K; h++) {
		for (let f = 0; f < K; f++) {
			for (let g = 0; g < K; g++) reach[f]![g] ||= reach[f]![h]! && reach[h]![g]!;
		}
	}
	return reach;
}

/** What the docstring says, word for word. */
function slowly(table: CountTable): (string | null)[] {
	const K = table.states.length;
	const path = closure(table, false);
	const connected = closure(table, true);
	const all = [...Array(K).keys()];
	const component = (f: number) => all.filter((g) => path[f]![g] && path[g]![f]);
	const out = (f: number) =>
		component(f).reduce(
			(sum, g) =>
				sum +
				table.count
					.slice(table.rowStart[g], table.rowStart[g + 1])
					.reduce((total, n) => total + n, 0),
			0,
		);
	return all.map((f) => {
		if (component(f).length > 1) return null;
		if (table.attempts[f] === 0) return 'no attempts';
		const [reference] = all
			.filter((g) => connected[f]![g] && component(g).length > 1 && component(g)[0] === g)
			.sort((a, b) => component(b).length - component(a).length || out(b) - out(a) || a - b);
		if (reference === undefined) return 'alone';
		if (path[f]![reference]) return '+inf';
		return path[reference]![f] ? '-inf' : 'apart';
	});
}

test('relations are those of a slow search', () => {
	const stream = new Stream([2, 11], 0);
	const seen = new Map<string | null, number>();
	for (let round = 0; round < 150; round++) {
		const K = 3 + (round % 12);
		const counts: Record<string, number> = {};
		for (let f = 0; f < K; f++) {
			for (let g = 0; g < K; g++) {
				if (f !== g && stream.next() < 1.2 / K) counts[`${10 + f}>${10 + g}`] = 1 + stream.below(3);
			}
		}
		if (Object.keys(counts).length === 0) continue;
		const table = tableOf(counts);
		const words = relateToReference(table, findComponents(table)).map(({ unbounded, reason }) => {
			if (unbounded !== null) return unbounded;
			if (reason === null || reason === 'no attempts') return reason;
			return /no directed path/.test(reason) ? 'apart' : 'alone';
		});
		assert.equal(words, slowly(table));
		for (const word of words) seen.set(word, (seen.get(word) ?? 0) + 1);
	}
	for (const word of [null, 'no attempts', '+inf', '-inf', 'apart', 'alone']) {
		assert.ok((seen.get(word) ?? 0) > 3, `${word}: ${seen.get(word)}`);
	}
});

test.run();
