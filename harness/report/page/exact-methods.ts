/** What was done to exact kernels, for the methods section. */
import type { Dossier } from '../../dossier/dossier.js';
import { count, digits } from '../numbers.js';
import type { Part } from './html.js';
import type { References } from './references.js';

/** A paragraph; nothing where there are no exact kernels. */
export function exactMethods({ exact, options, tool }: Dossier, { cite }: References): Part {
	if (exact.length === 0) return null;
	const { affinity, dependence } = options.tolerances;
	const left = Math.max(...exact.map(({ leftOut }) => leftOut));
	const most = Math.max(...exact.map(({ finding }) => finding.shapes));
	const sampled = exact.filter(({ agreement }) => agreement !== null && agreement.p !== null);
	return [
		`${count(exact.length, 'kernel was', 'kernels were')} scored exactly: T(g|f) is the sum, over completions that mean g, of the products of next-token probabilities of the model, the most probable continuations first, until at most ${digits(left)} of the mass of a source was left out. `,
		most > 1
			? `Each was scored in up to ${most} evaluation shapes (decode width, prompt split), whose differences are given as jitter. `
			: 'They were scored in one evaluation shape, so that the jitter of the bits is not known. ',
		'Every log T lies between what was found and a bound, so that cycle affinities have rigorous limits and no sampling error; their root mean square is over all triangles and the longer shortest loops that triangles do not span, every loop alike. Entropy production is that of the stationary state ',
		cite('schnakenberg'),
		'; the potential has the least squared residual of the log-ratios over all pairs found both ways ',
		cite('jiang'),
		`. Verdicts on exact kernels follow a rule of their own, without any p-value: violated where a loop can be run one way only or the lower limit of the rms affinity is above ${affinity} nats; balanced where its upper limit is at most that (independent if, besides, the mutual information is at most ${dependence} nats); otherwise undecided; untestable without a loop. `,
		sampled.length === 0
			? null
			: `The attempts of ${count(sampled.length, 'setting', 'settings')} were compared with the exact kernel of the same setting by the likelihood ratio, its law from tables drawn from that kernel. `,
		`Scored kernels were analysed with detbal ${tool.version}.`,
	];
}
