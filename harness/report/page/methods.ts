/** What was done, as a paragraph that can go into a paper, from what was really done. */
import type { Dossier, RunRecord } from '../../dossier/dossier.js';
import { count } from '../numbers.js';
import { group } from '../progress.js';
import { exactMethods } from './exact-methods.js';
import { box, html, type Markup, name, type Part } from './html.js';
import { bibtex, References } from './references.js';

/** The section with the paragraph, its references and BibTeX. */
export function methodsSection(dossier: Dossier): Markup {
	const references = new References();
	const sampled = dossier.groups.length > 0 || dossier.exact.length === 0;
	const paragraphs = [
		data(dossier, references),
		...(sampled ? [statistics(dossier, references), verdicts(dossier, references)] : []),
		exactMethods(dossier, references),
	].filter((text) => text !== null);
	return html`<section id="_methods" aria-labelledby="_methods.title">
<h2 id="_methods.title">Methods</h2>
<p class="note">Written from what was done here; it can go into a paper as it is.</p>
<div class="prose" id="_methods.text">
${paragraphs.map(
	(text) => html`<p>${text}</p>
`,
)}</div>
<h3>References</h3>
${references.list()}
<h3>BibTeX</h3>
<div class="copied" data-copy="BibTeX">
${box(bibtex(dossier.tool.version, dossier.date.slice(0, 4)), 10_000)}
</div>
</section>
`;
}

function data(dossier: Dossier, { cite }: References): Part {
	const { runs } = dossier;
	return [
		'We ask whether language models obey detailed balance, as claimed by Song et al. ',
		cite('song'),
		'.',
		...runs.map((run) => runSentence(run, dossier)),
		runs.length === 0
			? null
			: ' Every attempt is a pure function of seed, cell, source and draw number, by a counter-based generator (Philox4x32-10), so that a run can be repeated bit for bit.',
		imports(dossier),
	];
}

function imports({ groups }: Dossier): string {
	const n = groups.filter(({ origin }) => origin !== null).length;
	return n === 0
		? ''
		: ` ${count(n, 'kernel is', 'kernels are')} known from imported counts alone.`;
}

function runSentence(run: RunRecord, dossier: Dossier): string {
	const at = dossier.runs.indexOf(run);
	const groups = dossier.groups.filter(({ runs }) => runs.includes(at));
	const models = new Set(groups.map(({ model }) => model)).size;
	const templates = new Set(groups.map(({ template }) => template)).size;
	const made =
		run.done < run.planned
			? `${group(run.done)} of ${group(run.planned)} planned`
			: group(run.done);
	return ` In the experiment ${name(run.name)}, ${count(models, 'model', 'models')} and ${count(templates, 'prompt template', 'prompt templates')} gave ${made} attempts (${run.design.join(' and ')} sources${run.shard === null ? '' : `, shard ${run.shard}`}), with ${run.seeds.length === 1 ? 'seed' : 'seeds'} ${seeds(run)}; ${samplings(dossier, groups)}; ${numerics(dossier, groups)} (detbal ${run.toolVersion}; digest of the transitions ${run.digest.slice(0, 16)}…). ${repeated(run)}`;
}

function seeds({ seeds: all }: RunRecord): string {
	return all.length <= 5
		? all.join(', ')
		: `${all.slice(0, 4).join(', ')} … ${all.at(-1)} (${all.length} in all)`;
}

function samplings({ identities }: Dossier, groups: Dossier['groups']): string {
	const used = new Set(groups.map(({ identity }) => identity?.sampling));
	const settings = identities.samplings.filter(({ sha256 }) => used.has(sha256));
	const words = settings.map(({ content: s }) => {
		const { temperature, topK, topP, minP, maxTokens } = s;
		const all = [temperature, topK, topP, minP, maxTokens];
		if (!all.every((value) => typeof value === 'number')) return 'a setting of another form';
		const [, k, p, m, most] = all as [number, number, number, number, number];
		const cuts = [
			k > 0 ? `top-k ${k}` : '',
			p < 1 ? `top-p ${p}` : '',
			m > 0 ? `min-p ${m}` : '',
		].filter((part) => part !== '');
		return `temperature ${temperature}, ${cuts.length === 0 ? 'no truncation' : cuts.join(', ')}, at most ${count(most, 'token', 'tokens')}`;
	});
	return words.length === 0 ? 'sampling not known' : `sampling at ${words.join('; or at ')}`;
}

function numerics({ identities }: Dossier, groups: Dossier['groups']): string {
	const used = new Set(groups.flatMap(({ identity }) => identity?.numerics ?? []));
	const contents = identities.numerics.filter(({ sha256 }) => used.has(sha256));
	const words = contents.map(({ content: c }) =>
		[
			c.llamaCpp,
			c.package,
			c.backend,
			c.width === undefined ? null : `decode width ${String(c.width)}`,
		]
			.filter((part) => part !== null && part !== undefined)
			.map((part) => name(String(part)))
			.join(', '),
	);
	const different = [...new Set(words)];
	return different.length === 0
		? 'numerics not known'
		: `next-token laws from ${different.join('; or ')}`;
}

function repeated({ reruns }: RunRecord): string {
	const last = reruns.findLast(({ seed }) => seed === null) ?? reruns.at(-1);
	if (last === undefined) return 'The run has not been repeated.';
	const what = last.seed === null ? 'The run' : `Seed ${last.seed}`;
	return last.identical
		? `${what} was repeated from its record with the same ${group(last.compared)} transitions, bit for bit.`
		: `${what} was repeated from its record; ${group(last.different)} of ${group(last.compared)} transitions differed.`;
}

function statistics({ groups, options }: Dossier, references: References): Part {
	const { cite } = references;
	const tests = groups.flatMap(({ finding }) =>
		finding.exactTest.p === null ? [] : [finding.exactTest],
	);
	const samples = spread(tests.map((test) => test.samples));
	const steps = spread(tests.map((test) => test.steps));
	const exact: Part =
		tests.length === 0
			? options.resampling
				? 'No kernel could be tested with the exact conditional test. '
				: 'The exact conditional test was left out. '
			: [
					'Detailed balance was tested with an exact conditional test: given all attempts per source and all pair totals, it leaves P(table) ∝ ∏ 1/C',
					html`<sub>fg</sub>`,
					'!, which was sampled by moves along loops ',
					cite('diaconis'),
					` from a hub (Besag–Clifford parallel scheme, M = ${samples} tables, L = ${steps} steps, seed ${options.seed}) `,
					cite('besag'),
					'; the statistic is the weighted sum of squared loop differences, p = (1 + #{t ≥ t_obs})/(M + 1). Single loops were compared with the largest of all loops in the same tables ',
					cite('westfall'),
					'. ',
				];
	return [
		exact,
		'The size of a violation is the root mean square of the cycle affinity over all triangles and, where triangles do not reach, longer shortest loops, weighted by inverse variance, with its sampling noise removed, and a one-sided 95 % upper bound. ',
		options.resampling
			? [
					'The flow of log-ratios was split into gradient, curl and harmonic shares ',
					cite('jiang'),
					', and the entropy production computed ',
					cite('schnakenberg'),
					', each with its noise removed. ',
				]
			: null,
		'Potentials are maximum likelihood under detailed balance, the reversible estimator of Markov state models ',
		cite('trendelkamp'),
		', with every attempt in the denominator (T(g|f) = C',
		html`<sub>fg</sub>`,
		'/C',
		html`<sub>f</sub>`,
		'); states without a path back have no bounded potential. ',
		options.resampling
			? [
					`Dependence on the input is the mutual information beyond quasi-independence (${group(options.resamples)} resamples); the published figures were recomputed beside ${group(options.replicas)} data sets drawn from the fitted reversible kernel, under the paper’s high-reject normalisation `,
					cite('song'),
					'.',
				]
			: 'Resampled statistics were left out.',
	];
}

function verdicts({ groups, options, tool }: Dossier, { cite }: References): Part {
	const { affinity, dependence, alpha } = options.tolerances;
	const tested = groups.filter(({ finding }) => finding.exactTest.p !== null).length;
	return [
		`Verdicts follow a fixed rule: untestable without a loop; holds where the upper 95 % bound of the rms affinity is below ${affinity} nats (trivial if, besides, the upper bound of the mutual information is below ${dependence} nats); violated where the exact test rejects at α = ${alpha} after Holm’s correction over the ${count(tested, 'tested kernel', 'tested kernels')} `,
		cite('holm'),
		`; otherwise insufficient. Kernels were never pooled over models, templates or settings. Analysed with detbal ${tool.version}.`,
	];
}

/** `999`, or `200 to 5,400`. */
function spread(values: readonly number[]): string {
	const [least, most] = [Math.min(...values), Math.max(...values)];
	return least === most ? group(most) : `${group(least)} to ${group(most)}`;
}
