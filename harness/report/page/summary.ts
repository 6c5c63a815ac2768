/** The first screen: what was measured, what came out, and whether it repeats. */
import type { Dossier, GroupRecord, RunRecord } from '../../dossier/dossier.js';
import { count } from '../numbers.js';
import { group } from '../progress.js';
import { html, joined, type Markup, name, type Part } from './html.js';
import { repetition } from './repetition.js';
import { effect, SHOWN_VERDICTS, verdictChip, verdictMeaning } from './verdict-words.js';

/** Sentences stand open up to so many groups of one experiment. */
const OPEN_SENTENCES = 8;

/** Groups that one experiment has made, or that were imported. */
interface Block {
	readonly title: string;
	readonly run: RunRecord | null;
	readonly groups: readonly GroupRecord[];
}

/** The section of verdicts, experiment by experiment. */
export function summarySection(dossier: Dossier): Markup {
	const blocks = blocksOf(dossier);
	return html`<section id="_verdicts" aria-labelledby="_verdicts.title">
<h2 id="_verdicts.title">Verdicts</h2>
${legend(dossier)}
${blocks.map((block) => blockMarkup(block, dossier))}
</section>
`;
}

/** Where attempts are missing, said before anything else. */
export function interimBanner({ missing, runs }: Dossier): Markup | null {
	if (missing === 0) return null;
	const planned = runs.reduce((sum, run) => sum + run.planned, 0);
	return html`<p class="banner" role="note"><strong>Interim.</strong> ${group(missing)} of ${group(planned)} planned attempts are not made yet; every number here may still change.</p>
`;
}

/** What was measured, in one or two sentences for the head of the page. */
export function measured({ groups, runs, exact }: Dossier): string {
	const scored = `${count(exact.length, 'kernel', 'kernels')} scored exactly, without sampling`;
	if (groups.length === 0 && exact.length > 0) return `${scored}.`;
	const models = new Set(groups.map(({ model }) => model)).size;
	const templates = new Set(groups.map(({ template }) => template)).size;
	const attempts = groups.reduce((sum, { finding }) => sum + attemptsOf(finding.outcomes), 0);
	const imported = groups.filter(({ origin }) => origin !== null).length;
	const made = [
		`${count(groups.length, 'transition kernel', 'transition kernels')} (${count(models, 'model', 'models')}, ${count(templates, 'prompt template', 'prompt templates')})`,
		`${group(attempts)} attempts to turn one state into another`,
		runs.length > 0 ? count(runs.length, 'experiment', 'experiments') : null,
		exact.length > 0 ? scored : null,
		imported > 0 ? `${count(imported, 'kernel', 'kernels')} imported as counts` : null,
	];
	return `${made.filter((part) => part !== null).join(', ')}.`;
}

function attemptsOf(outcomes: Readonly<Record<string, number>>): number {
	return Object.values(outcomes).reduce((a, b) => a + b, 0);
}

function legend({ groups, options }: Dossier): Markup {
	const cards = SHOWN_VERDICTS.map((verdict) => {
		const n = groups.filter(({ finding }) => finding.verdict === verdict).length;
		return html`<li${html` class="${n === 0 ? 'none' : 'some'}"`}><span class="count">${n}</span> ${verdictChip(verdict)} <span class="meaning">${verdictMeaning(verdict, options.tolerances)}</span></li>
`;
	});
	return html`<ul class="legend">
${cards}</ul>
<p class="note">Below each verdict: root mean square of the cycle affinity, sampling noise removed, with its 95 % interval. It is 0 for every kernel that obeys detailed balance. An affinity of 1 nat: one way round a loop is e ≈ 2.7 times as probable as the other.</p>
`;
}

function blocksOf({ groups, runs }: Dossier): Block[] {
	const blocks = runs.map((run, i) => ({
		title:
			runs.filter((other) => other.name === run.name).length > 1
				? `${run.name}, run ${run.id}`
				: run.name,
		run,
		// A kernel that several runs made attempts of is judged once, and stands with the first.
		groups: groups.filter((one) => one.runs[0] === i),
	}));
	const imported = groups.filter((one) => one.runs.length === 0);
	const all: Block[] = [...blocks, { title: 'Imported counts', run: null, groups: imported }];
	return all.filter((block) => block.run !== null || block.groups.length > 0);
}

function blockMarkup({ title, run, groups }: Block, dossier: Dossier): Markup {
	return html`<section class="block">
<h3>${name(title)}</h3>
<p>${blockSentence(groups, run)}</p>
${run === null ? html`<p class="repeat unknown">Imported counts cannot be repeated: only counts are known.</p>` : repetition(run, dossier)}
${groups.length === 0 ? html`<p class="note">No kernel of this run is shown: its attempts are judged with those of another run, or none is made yet.</p>` : matrix(title, groups)}
${groups.length === 0 ? null : sentences(groups)}
</section>
`;
}

function blockSentence(groups: readonly GroupRecord[], run: RunRecord | null): string {
	const states = groups.map(({ finding }) => finding.states);
	const [least, most] = [Math.min(...states), Math.max(...states)];
	const attempts = groups.reduce((sum, { finding }) => sum + attemptsOf(finding.outcomes), 0);
	const parts = [
		count(groups.length, 'kernel', 'kernels'),
		groups.length === 0
			? null
			: least === most
				? count(most, 'state', 'states')
				: `${group(least)} to ${group(most)} states`,
		`${group(run?.done ?? attempts)} attempts`,
		run === null ? null : `${run.design.join(', ')} sources`,
		run === null ? null : `${count(run.seeds.length, 'seed', 'seeds')}`,
		run?.shard == null ? null : `shard ${run.shard} alone`,
	];
	return `${parts.filter((part) => part !== null).join(' · ')}`;
}

/** Models down, templates across. */
function matrix(title: string, groups: readonly GroupRecord[]): Markup {
	const templates = [...new Set(groups.map(({ template }) => template))];
	const models = [...new Set(groups.map(({ model }) => model))];
	const settings = new Set(groups.map(({ sampling }) => sampling.temperature)).size > 1;
	const rows = models.map(
		(model) =>
			html`<tr><th scope="row">${name(model)}</th>${templates.map((template) => {
				const cells = groups.filter((g) => g.model === model && g.template === template);
				return html`<td>${cells.map((cell) => cellMarkup(cell, settings))}</td>`;
			})}</tr>
`,
	);
	return html`<div class="scroll" role="region" aria-label="Verdicts of ${name(title)}" tabindex="0">
<table class="matrix">
<caption>Verdict by model (down) and prompt template (across)</caption>
<thead><tr><th scope="col">model</th>${templates.map((template) => html`<th scope="col">${name(template)}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>
`;
}

function cellMarkup({ slug, finding, sampling }: GroupRecord, settings: boolean): Markup {
	const setting = settings && sampling.temperature !== null ? `T ${sampling.temperature} · ` : '';
	return html`<a class="cell" href="#${slug}">${verdictChip(finding.verdict)}<span class="effect">${setting}${effect(finding)}</span></a>`;
}

function sentences(groups: readonly GroupRecord[]): Markup {
	const list: Part = groups.map(
		(one) =>
			html`<li><a href="#${one.slug}">${name(one.name)}</a>: <strong>${one.finding.verdict}</strong>. ${one.finding.sentence}</li>
`,
	);
	const body = html`<ul class="sentences">
${list}</ul>`;
	if (groups.length <= OPEN_SENTENCES) return body;
	return joined([
		html`<details class="words"><summary>The same in words, kernel by kernel</summary>
${body}
</details>`,
	]);
}
