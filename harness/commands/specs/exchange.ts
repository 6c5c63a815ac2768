import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: data in and out. */
export const EXCHANGE: readonly CommandSpec[] = [
	{
		usage: 'import <file>',
		describe: 'store published transition data in a database; no model is needed',
		positionals: {
			file: { describe: 'JSON or CSV file; its format is recognised by its content' },
		},
		options: {
			db: { type: 'string', describe: 'database to write', defaultText: 'results/FILE.sqlite' },
			format: {
				type: 'string',
				describe: 'transitions, successors, counts or csv',
				defaultText: 'recognised',
			},
			model: { type: 'string', describe: 'label of the model', defaultText: 'as the file says' },
			template: {
				type: 'string',
				describe: 'label of the template',
				defaultText: 'as the file says',
			},
			temperature: {
				type: 'number',
				describe: 'temperature of the sampling',
				defaultText: 'as the file says',
			},
			attempts: { type: 'number', describe: 'all attempts made, whatever came out' },
			'attempts-file': { type: 'string', describe: 'CSV of attempts per source: source,attempts' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal import datasets/published/claude-4.json', 'a published table of counts'],
			['detbal import counts.csv --model my-model --attempts 20000', 'counts of your own'],
		],
		load: () => import('../import.js'),
	},
	{
		usage: 'export <db>',
		describe: 'write counts, attempts, kernels and potentials as CSV, JSON Lines or Parquet',
		positionals: { db: { describe: 'database written by detbal run or detbal import' } },
		options: {
			counts: {
				type: 'string',
				describe: 'file to write: how often each source led to each target',
			},
			'attempts-per-source': {
				type: 'string',
				describe: 'file to write: all attempts from each source',
			},
			attempts: { type: 'string', describe: 'file to write: every attempt, one row each' },
			kernel: {
				type: 'string',
				describe: 'file to write: transition probabilities with 95 % intervals',
			},
			potentials: { type: 'string', describe: 'file to write: the potential of each state' },
			run: { type: 'number', describe: 'this run only', defaultText: 'all runs and imports' },
			import: { type: 'number', describe: 'this import only' },
			force: { type: 'boolean', describe: 'overwrite files that are there' },
			json: JSON_OPTION,
		},
		examples: [
			[
				'detbal export run.sqlite --counts counts.csv --attempts-per-source made.csv',
				'for detbal import',
			],
			['detbal export run.sqlite --attempts all.parquet', 'every attempt, for a data frame'],
			['detbal export run.sqlite --kernel kernel.csv --potentials v.jsonl', 'what was measured'],
		],
		load: () => import('../export.js'),
	},
];
