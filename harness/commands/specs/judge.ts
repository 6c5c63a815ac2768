import { type CommandSpec, JSON_OPTION } from '../command.js';
import { VERIFY_OPTIONS } from './verify-options.js';

/** Commands: what the data say. */
export const JUDGE: readonly CommandSpec[] = [
	{
		usage: 'verify <db>',
		describe: 'test detailed balance: one verdict per model × template × setting',
		positionals: { db: { describe: 'database written by detbal run' } },
		options: {
			run: { type: 'number', describe: 'number of the run', defaultText: 'all runs' },
			...VERIFY_OPTIONS,
			steps: { type: 'number', describe: 'steps between two tables', defaultText: 'by the table' },
			details: {
				type: 'boolean',
				describe: 'every section of every group',
				defaultText: 'up to 4 groups',
			},
			outcomes: { type: 'boolean', describe: 'the table of what came back, too' },
			'fail-on': {
				type: 'string',
				describe: 'exit 3 if any group has one of these verdicts (comma separated)',
			},
			json: JSON_OPTION,
		},
		examples: [
			['detbal verify results/demo.sqlite', 'the table of verdicts'],
			['detbal verify run.sqlite --tolerance 0.2 --details', 'a wider tolerance, every number'],
			[
				'detbal verify run.sqlite --outcomes',
				'valid, self, invalid and cut answers beside the verdict',
			],
			['detbal verify run.sqlite --fail-on violated', 'for use in scripts'],
		],
		load: () => import('../verify.js'),
	},
	{
		usage: 'power [file]',
		describe: 'attempts per state needed to see a cycle affinity, from a pilot or a design',
		positionals: { file: { describe: 'database of a pilot, or experiment file (YAML)' } },
		options: {
			run: { type: 'number', describe: 'number of the run', defaultText: 'all runs' },
			affinity: {
				type: 'string',
				describe: 'rms cycle affinities to see, nats (comma separated)',
				defaultText: '0.1,0.2,0.5',
			},
			power: {
				type: 'string',
				describe: 'chances to see them (comma separated)',
				defaultText: '0.5,0.8,0.95',
			},
			alpha: { type: 'number', describe: 'level of the exact test', defaultText: '0.05' },
			states: { type: 'number', describe: 'without a file: number of states' },
			valid: { type: 'number', describe: 'share of attempts that reach another state' },
			depth: { type: 'number', describe: 'standard deviation of the potential, nats' },
			svg: { type: 'string', describe: 'draw the curves to this file' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal power pilot.sqlite', 'from what a pilot saw'],
			['detbal power --states 20 --valid 0.8', 'before anything was run'],
			['detbal power experiment.yaml --affinity 0.05', 'what a planned experiment would see'],
		],
		load: () => import('../power.js'),
	},
];
