/** Whether a run has been repeated, in a sentence. */
import type { Dossier, RunRecord } from '../../dossier/dossier.js';
import { count } from '../numbers.js';
import { group } from '../progress.js';
import { html, joined, type Markup, name } from './html.js';

type StoredRerun = RunRecord['reruns'][number];

interface Status {
	readonly kind: 'identical' | 'differs' | 'unknown';
	readonly text: string;
	/** all of the run's transitions, and not those of one seed */
	readonly whole: boolean;
}

const SIGN = { identical: '✓', differs: '✗', unknown: '?' } as const;

/** Every repetition that is known of: the newest whole one, newest ones of single seeds, twins. */
export function repetition(run: RunRecord, dossier: Dossier): Markup {
	const statuses = [...ofReruns(run), ...ofTwins(run, dossier)];
	const shown: Status[] =
		statuses.length > 0
			? statuses
			: [
					{
						kind: 'unknown',
						whole: false,
						text: 'Never repeated: detbal rerun would compare every transition bit for bit.',
					},
				];
	return joined(
		shown.map(
			({ kind, text }) =>
				html`<p class="repeat ${kind}"><span aria-hidden="true">${SIGN[kind]}</span> ${text}</p>
`,
		),
	);
}

/** The same for all runs, in one sentence; null where there is no run. */
export function repetitionInShort(dossier: Dossier): string | null {
	const { runs } = dossier;
	if (runs.length === 0) return null;
	const kinds = runs.map((run) => [...ofReruns(run), ...ofTwins(run, dossier)]);
	const differing = kinds.filter((all) => all.some(({ kind }) => kind === 'differs')).length;
	if (differing > 0) return `${differing} of ${runs.length} did not repeat bit for bit.`;
	const repeated = kinds.filter((all) => all.length > 0).length;
	if (repeated === 0) return runs.length === 1 ? 'Not repeated yet.' : 'None repeated yet.';
	const whole = kinds.filter((all) => all.some(({ whole }) => whole)).length;
	if (whole === runs.length) return 'Repeated bit for bit.';
	return `${repeated} of ${runs.length} repeated bit for bit${whole < repeated ? ', in part' : ''}.`;
}

function ofReruns({ reruns }: RunRecord): Status[] {
	const whole = reruns.findLast(({ seed }) => seed === null);
	const seeds = [...new Set(reruns.map(({ seed }) => seed))];
	// A whole repetition says more than that of a seed before it.
	const single = seeds.flatMap((seed) => {
		const newest = reruns.findLast((rerun) => rerun.seed === seed);
		const told = seed === null || newest === undefined;
		return told || (whole !== undefined && whole.id > newest.id) ? [] : [newest];
	});
	return [...(whole === undefined ? [] : [whole]), ...single].map(ofRerun);
}

function ofRerun(rerun: StoredRerun): Status {
	const { seed, identical, compared, different, laws, numericsDifferences, createdAt } = rerun;
	const what = seed === null ? 'The whole run' : `Seed ${seed} alone`;
	const when = `${createdAt.slice(0, 10)}, detbal ${rerun.toolVersion}`;
	const numerics =
		numericsDifferences.length === 0
			? ''
			: ` The numerics differ: ${numericsDifferences.map(name).join('; ')}.`;
	if (identical) {
		const part = compared < rerun.planned ? ` of ${group(rerun.planned)} planned` : '';
		return {
			kind: 'identical',
			whole: seed === null && compared === rerun.planned,
			text: `${what} was repeated bit for bit: all ${group(compared)}${part} transitions and ${count(laws.compared, 'recorded law', 'recorded laws')} are the same (${when}).${numerics}`,
		};
	}
	return {
		kind: 'differs',
		whole: seed === null,
		text: `${what} was repeated and differs: ${group(different)} of ${group(compared)} transitions, ${group(laws.different)} of ${group(laws.compared)} recorded laws (${when}).${numerics}`,
	};
}

function ofTwins({ twins, digest, shard }: RunRecord, { runs, databases }: Dossier): Status[] {
	return twins.flatMap((at): Status[] => {
		const twin = runs[at];
		// Another shard of one plan has other transitions, and should.
		if (twin === undefined || twin.shard !== shard) return [];
		const where = `run ${twin.id} of ${name(databases[twin.db]?.name ?? 'another database')}`;
		const same = twin.digest === digest;
		const text = same
			? 'has the same digest: the same transitions, bit for bit.'
			: 'has another digest: some transitions, or how many were made, differ.';
		return [
			{
				kind: same ? 'identical' : 'differs',
				whole: true,
				text: `The same experiment in ${where} ${text}`,
			},
		];
	});
}
