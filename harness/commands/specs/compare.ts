import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: kernels side by side. */
export const COMPARE: readonly CommandSpec[] = [
	{
		usage: 'compare <dbs..>',
		describe: 'is there one potential? compare the potentials of all kernels pair by pair',
		positionals: { dbs: { describe: 'one or more databases' } },
		options: {
			run: { type: 'number', describe: 'number of the run', defaultText: 'all runs' },
			samples: {
				type: 'number',
				describe: 'tables drawn for each likelihood ratio',
				defaultText: '199 or more',
			},
			seed: { type: 'number', describe: 'seed of what is drawn', defaultText: '1' },
			alpha: { type: 'number', describe: 'level of all pairs together', defaultText: '0.05' },
			workers: { type: 'number', describe: 'worker threads', defaultText: 'all cores' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal compare run.sqlite', 'models, templates and temperatures of one database'],
			['detbal compare mine.sqlite theirs.sqlite', 'kernels of several'],
		],
		load: () => import('../compare.js'),
	},
];
