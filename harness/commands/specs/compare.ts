import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: kernels side by side. */
export const COMPARE: readonly CommandSpec[] = [
	{
		usage: 'compare <dbs..>',
		describe: 'set kernels side by side: how far apart are they, is there one potential?',
		positionals: { dbs: { describe: 'one or more databases' } },
		options: {
			by: {
				type: 'string',
				describe: 'only pairs that differ in this alone',
				choices: ['model', 'template', 'quantisation', 'temperature', 'machine', 'seed'],
				defaultText: 'all pairs',
			},
			run: { type: 'number', describe: 'number of the run', defaultText: 'all runs' },
			quick: {
				type: 'boolean',
				describe: 'leave out the potentials, and of the verdicts what is resampled',
			},
			samples: {
				type: 'number',
				describe: 'tables drawn for each test',
				defaultText: '199 or more',
			},
			seed: { type: 'number', describe: 'seed of what is drawn', defaultText: '1' },
			alpha: { type: 'number', describe: 'level of all pairs together', defaultText: '0.05' },
			workers: { type: 'number', describe: 'worker threads', defaultText: 'all cores' },
			'fail-above': {
				type: 'number',
				describe: 'exit 3 if kernels are further apart than this (total variation, lower bound)',
			},
			'fail-on': {
				type: 'string',
				describe: 'different: exit 3 if one kernel is rejected, or two runs of one key differ',
			},
			details: { type: 'boolean', describe: 'every row of every pair in the JSON' },
			markdown: { type: 'boolean', describe: 'print tables in Markdown' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal compare run.sqlite', 'models, templates and temperatures of one database'],
			[
				'detbal compare mine.sqlite theirs.sqlite',
				'kernels of several; two runs of one experiment',
			],
			['detbal compare run.sqlite --by quantisation --quick', 'what quantisation changes'],
			['detbal compare run.sqlite --by seed --fail-on different', 'for use in scripts'],
		],
		load: () => import('../compare.js'),
	},
];
