/** Everything that could change a result, by content: what a repetition needs. */
import type { Dossier, RunRecord } from '../../dossier/dossier.js';
import { DASH } from '../numbers.js';
import { box, html, type Markup, name, type Part } from './html.js';
import { type Cell, column, tableMarkup } from './table.js';

/** Characters shown of one text. */
const MOST = { template: 4000, experiment: 40_000, task: 2000 } as const;

const { left, right } = column;

/** The section of identities. */
export function identitySection(dossier: Dossier): Markup {
	return html`<section id="_identity" aria-labelledby="_identity.title">
<h2 id="_identity.title">Identity of the ${dossier.runs.length === 0 && dossier.exact.length > 0 ? 'kernels' : 'runs'}</h2>
<p>Names may differ from one machine to the next; what has the same sha256 is the same, byte for byte.</p>
${databases(dossier)}
${dossier.runs.length === 0 ? null : runs(dossier)}${exactKernels(dossier)}
${models(dossier)}
${settings(dossier)}
${numerics(dossier)}
${templates(dossier)}
${tasks(dossier)}
${dossier.runs.map(experiment)}
${imports(dossier)}
</section>
`;
}

const code = (text: string): Markup => html`<code>${text}</code>`;
const text = (value: string | null | undefined): Cell =>
	value === null || value === undefined ? DASH : name(value);

function databases({ databases: all }: Dossier): Markup {
	return tableMarkup({
		id: '_identity.databases',
		title: 'Databases',
		columns: [left('file'), right('bytes')],
		rows: all.map(({ name: file, bytes }) => [name(file), bytes]),
	});
}

function runs({ runs: all, databases: files }: Dossier): Markup {
	return tableMarkup({
		id: '_identity.runs',
		title: 'Runs',
		columns: [
			left('experiment'),
			right('run'),
			left('database'),
			left('made'),
			left('detbal'),
			left('seeds'),
			right('attempts'),
			right('planned'),
			right('model evaluations'),
			left('digest of the transitions'),
			left('key of the experiment'),
		],
		rows: all.map((run) => [
			name(run.name),
			run.id,
			text(files[run.db]?.name),
			run.createdAt,
			text(run.toolVersion),
			run.seeds.join(', '),
			run.done,
			run.planned,
			run.evaluations,
			code(run.digest),
			code(run.key),
		]),
		note: 'The digest is a hash over all transitions in order: whoever repeats the run compares this one line.',
	});
}

function exactKernels({ exact, databases: files }: Dossier): Markup | null {
	if (exact.length === 0) return null;
	return tableMarkup({
		id: '_identity.exact',
		title: 'Exact kernels: identity',
		columns: [
			left('kernel'),
			left('experiment'),
			left('database'),
			left('made'),
			left('detbal'),
			left('states'),
			right('mass left out, allowed'),
			left('digest of the rows'),
		],
		rows: exact.map((one) => [
			name(one.name),
			name(one.experiment),
			text(files[one.db]?.name),
			one.createdAt,
			text(one.toolVersion),
			`${one.kind}, ${one.finding.states} sources`,
			one.epsilon,
			code(one.digest),
		]),
		note: 'The digest is a hash over all log-probabilities in order, of the first evaluation shape.',
	});
}

function models({ identities }: Dossier): Markup | null {
	if (identities.models.length === 0) return null;
	return tableMarkup({
		id: '_identity.models',
		title: 'Models',
		columns: [
			left('label'),
			left('architecture'),
			left('format'),
			right('bytes'),
			left('licence'),
			left('from'),
			left('sha256 of the file'),
		],
		rows: identities.models.map(({ labels, architecture, content, file, known }) => [
			labels.map(name).join(', '),
			name(architecture),
			typeof content.quantisation === 'string' ? name(content.quantisation) : DASH,
			file.bytes,
			text(known?.licence),
			text(
				known === null ? 'not in the manifest' : (known.uri ?? `detbal models build (${known.id})`),
			),
			code(file.sha256),
		]),
	});
}

function settings({ identities }: Dossier): Markup | null {
	if (identities.samplings.length === 0) return null;
	return tableMarkup({
		id: '_identity.sampling',
		title: 'Sampling',
		columns: [
			left('sha256'),
			right('temperature'),
			right('top-k'),
			right('top-p'),
			right('min-p'),
			right('tokens at most'),
			left('stops before'),
		],
		rows: identities.samplings.map(({ sha256, content: s }) => [
			code(sha256.slice(0, 16)),
			...[s.temperature, s.topK, s.topP, s.minP, s.maxTokens].map(valueCell),
			Array.isArray(s.stop) ? name(s.stop.map((stop) => JSON.stringify(stop)).join(' ')) : DASH,
		]),
		note: 'Top-k 0, top-p 1 and min-p 0 are off: the whole law is drawn from.',
	});
}

/** One row per field; where identities differ, each value with the numbers of those that have it. */
function numerics({ identities }: Dossier): Markup | null {
	const all = identities.numerics;
	if (all.length === 0) return null;
	const fields = [...new Set(all.flatMap(({ content }) => Object.keys(content)))].sort();
	const rows = fields.map((field): Cell[] => {
		const values = all.map(({ content }) => valueText(content[field]));
		const distinct = [...new Set(values)];
		if (distinct.length === 1) return [name(field), distinct[0] as string];
		const said = distinct.map((value) => {
			const who = values.flatMap((other, i) => (other === value ? [i + 1] : []));
			return `${value} (${who.map((n) => `#${n}`).join(', ')})`;
		});
		return [name(field), said.join('; ')];
	});
	const hashes = all.map(({ sha256 }, i): Cell[] => [`sha256 of #${i + 1}`, code(sha256)]);
	return tableMarkup({
		fixed: true,
		id: '_identity.numerics',
		title: 'Numerics and machine',
		columns: [left('field'), left('value')],
		rows: [...rows, ...hashes],
		note: 'Resolved values, never "auto". Runs of one numerics identity give the same bits; another one may not, and a repetition says so.',
	});
}

function valueCell(value: unknown): Cell {
	return typeof value === 'number' ? value : name(valueText(value));
}

function valueText(value: unknown): string {
	if (value === undefined) return DASH;
	const words = typeof value === 'string' ? value : JSON.stringify(value);
	return words.length > 400 ? `${words.slice(0, 400)}… (${words.length} characters)` : words;
}

function templates({ identities }: Dossier): Markup | null {
	if (identities.templates.length === 0) return null;
	return html`<h3>Prompt templates</h3>
${identities.templates.map(
	({ labels, text: prompt, chat, sha256 }) => html`<div class="identity">
<p><strong>${labels.map(name).join(', ')}</strong>${chat ? ', inside the chat template of the model' : ''} <small><code>${sha256}</code></small></p>
${box(prompt, MOST.template)}
</div>
`,
)}`;
}

function tasks({ identities }: Dossier): Markup | null {
	if (identities.tasks.length === 0) return null;
	return html`<h3>Tasks</h3>
${identities.tasks.map(
	({ content, sha256 }) => html`<div class="identity">
<p><strong>${name(String(content.kind))}</strong> <small><code>${sha256}</code></small></p>
${box(JSON.stringify(content), MOST.task)}
</div>
`,
)}`;
}

function experiment(run: RunRecord): Markup {
	return html`<details class="experiment"><summary>Experiment ${name(run.name)}, run ${run.id}: resolved, as YAML</summary>
<div class="copied" data-copy="experiment">
${box(run.experiment, MOST.experiment)}
</div>
</details>
`;
}

function imports({ groups }: Dossier): Part {
	const from = groups.filter(({ origin }) => origin !== null);
	if (from.length === 0) return null;
	return tableMarkup({
		id: '_identity.imports',
		title: 'Imported counts',
		columns: [left('kernel'), left('file'), left('format'), left('sha256')],
		rows: from.map(({ name: kernel, origin }) => [
			name(kernel),
			text(origin?.file),
			text(origin?.format),
			code(origin?.sha256 ?? ''),
		]),
	});
}
