/** A database whose every text is hostile, as a model, a label or a file could be. */
import type { Outcome } from '../../harness/outcome.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, runPlan } from '../store/fixture.js';

/** What could drive a terminal, turn text around, end a line, a field, a script or a string. */
export const EVIL = '\u001b[2J<script>"\',;\r\n\u202e\0\u2028\u009b漢e\u0301\t\u061c';
export const STATES = [`A${EVIL}`, '=B', ''.padEnd(3, 'C'), `D${EVIL}`] as const;
/** 1 MB, in every way that text can be. */
export const LONG = `${EVIL}\ud800`.repeat(40_000);

/** Twelve attempts from each state; the completions are hostile, empty and very long in turn. */
export function writeHostile(file: string): void {
	const writer = StoreWriter.open(file);
	const plan = cellPlan({ label: `m${EVIL}`, sources: STATES, attempts: 12 });
	const { cells } = writer.planRun(
		runPlan({ name: `run${EVIL}`, cells: [{ ...plan, templateLabel: `t${EVIL}` }] }),
	);
	const cell = cells[0]?.id as number;
	for (const [at, source] of STATES.entries())
		for (let draw = 0; draw < 12; draw++) {
			const other = STATES[(at + 1 + (draw % 3)) % 4] as string;
			const outcome: Outcome = draw === 0 ? 'self' : draw === 11 ? 'unparsable' : 'valid';
			const target = outcome === 'self' ? source : outcome === 'valid' ? other : null;
			const text = draw === 11 ? (at === 0 ? LONG : '') : `${target}${EVIL}`;
			writer.append([
				{ cell, source, draw, step: null, outcome, target, tokens: [at, draw], text },
			]);
		}
	writer.close();
}
