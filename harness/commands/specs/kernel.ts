import { CACHE_OPTIONS } from '../cache-options.js';
import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: exact kernels. */
export const KERNEL: readonly CommandSpec[] = [
	{
		usage: 'kernel <file>',
		describe: "score the transition kernels of an experiment exactly, from the model's own laws",
		positionals: { file: { describe: 'experiment file (YAML)' } },
		options: {
			db: {
				type: 'string',
				describe: 'database to write, or to go on with',
				defaultText: 'results/NAME.sqlite',
			},
			states: {
				type: 'string',
				describe:
					"closed set: 'sources', 'task' (all it lists), or a database: all its runs reached",
				defaultText: 'sources',
			},
			open: {
				type: 'boolean',
				describe: 'open set: every state that completions say, until the rest is below epsilon',
			},
			epsilon: {
				type: 'number',
				describe: 'mass left out: of a source (open), relative to each transition (closed)',
				defaultText: '0.01 open, 0.001 closed',
			},
			most: {
				type: 'number',
				describe: 'evaluations of one source at most',
				defaultText: '20000',
			},
			shapes: {
				type: 'number',
				describe: 'other evaluation shapes to score in, 0 to 2: they show the numerical jitter',
				defaultText: '2',
			},
			yes: { type: 'boolean', describe: 'go on although it is much work' },
			...CACHE_OPTIONS,
			json: JSON_OPTION,
		},
		examples: [
			['detbal kernel experiment.yaml', 'log T(g|f) among the sources, and verdicts'],
			['detbal kernel experiment.yaml --open', 'all states there are, with certified rest'],
			['detbal kernel experiment.yaml --states results/words.sqlite', 'all that a run reached'],
		],
		load: () => import('../kernel.js'),
	},
];
