import type { CommandSpec, Option } from './command.js';

const JSON_OPTION: Option = { type: 'boolean', describe: 'print one JSON document on stdout' };

/** Every command: what it is called, what it takes, and where its code is. Data, so help is quick. */
export const COMMANDS: readonly CommandSpec[] = [
	{
		usage: 'demo',
		describe: 'run, verify and repeat experiments on the models that come with detbal',
		positionals: {},
		options: {
			db: { type: 'string', describe: 'database to write', defaultText: 'results/demo.sqlite' },
		},
		examples: [['detbal demo', 'the main job from beginning to end, about three minutes']],
		load: () => import('./demo.js'),
	},
	{
		usage: 'init [file]',
		describe: 'write a commented experiment file to start from',
		positionals: { file: { describe: 'where to write it (default experiment.yaml)' } },
		options: {},
		examples: [['detbal init my-experiment.yaml', 'then edit it']],
		load: () => import('./init.js'),
	},
	{
		usage: 'plan <file>',
		describe: 'say what a run would do and cost, without writing anything',
		positionals: { file: { describe: 'experiment file (YAML)' } },
		options: { json: JSON_OPTION },
		examples: [['detbal plan experiment.yaml', 'cells, attempts, evaluations, time, disk']],
		load: () => import('./plan.js'),
	},
	{
		usage: 'run <file>',
		describe: 'run an experiment and log every attempt to SQLite',
		positionals: { file: { describe: 'experiment file (YAML)' } },
		options: {
			db: {
				type: 'string',
				describe: 'database to write',
				defaultText: 'results/NAME.sqlite',
			},
			resume: {
				type: 'boolean',
				describe: 'finish or extend a run that the database already holds',
			},
			shard: { type: 'string', describe: 'run part i of n of the plan, for example 2/5' },
			'dry-run': { type: 'boolean', describe: 'the same as: detbal plan FILE' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal run experiment.yaml', 'run it'],
			['detbal run experiment.yaml --resume', 'go on after Ctrl-C, a crash or a full disk'],
			['detbal run experiment.yaml --shard 1/4 --db part1.sqlite', 'a quarter of the plan'],
		],
		load: () => import('./run.js'),
	},
	{
		usage: 'verify <db>',
		describe: 'test detailed balance: one verdict per model × template × setting',
		positionals: { db: { describe: 'database written by detbal run' } },
		options: {
			run: { type: 'number', describe: 'number of the run', defaultText: 'all runs' },
			samples: { type: 'number', describe: 'tables drawn for the exact test', defaultText: '999' },
			steps: { type: 'number', describe: 'steps between two tables', defaultText: 'by the table' },
			seed: { type: 'number', describe: 'seed of everything that is resampled', defaultText: '1' },
			tolerance: {
				type: 'number',
				describe: 'rms cycle affinity in nats below which detailed balance holds',
				defaultText: '0.1',
			},
			'tolerance-dependence': {
				type: 'number',
				describe: 'mutual information in nats below which the input does not matter',
				defaultText: '0.01',
			},
			alpha: {
				type: 'number',
				describe: 'chance of one false violation in the whole report (Holm)',
				defaultText: '0.05',
			},
			quick: { type: 'boolean', describe: 'leave out all that is resampled: no p-values' },
			details: {
				type: 'boolean',
				describe: 'every section of every group',
				defaultText: 'up to 4 groups',
			},
			outcomes: { type: 'boolean', describe: 'the table of what came back, too' },
			workers: { type: 'number', describe: 'threads to use', defaultText: 'all cores' },
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
		load: () => import('./verify.js'),
	},
	{
		usage: 'rerun <db>',
		describe: 'repeat a run with its recorded seeds and compare every transition bit for bit',
		positionals: { db: { describe: 'database written by detbal run' } },
		options: {
			run: { type: 'number', describe: 'number of the run', defaultText: 'the only one' },
			seed: { type: 'number', describe: 'repeat this seed only', defaultText: 'all seeds' },
			models: { type: 'string', describe: 'folder to look for model files in' },
			threads: { type: 'number', describe: 'threads instead of the recorded number' },
			width: { type: 'number', describe: 'decode width instead of the recorded one' },
			json: JSON_OPTION,
		},
		examples: [['detbal rerun results/demo.sqlite', 'identical, or the first divergence']],
		load: () => import('./rerun.js'),
	},
	{
		usage: 'merge <inputs..>',
		describe: 'join shards or seeds of one design into one database',
		positionals: { inputs: { describe: 'databases to join' } },
		options: {
			db: { type: 'string', describe: 'database to write (must not exist)' },
			'allow-incomplete': { type: 'boolean', describe: 'also merge what is not done yet' },
			json: JSON_OPTION,
		},
		examples: [['detbal merge part1.sqlite part2.sqlite --db whole.sqlite', 'join two shards']],
		load: () => import('./merge.js'),
	},
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
		load: () => import('./import.js'),
	},
	{
		usage: 'export <db>',
		describe: 'write counts and attempts of runs and imports as CSV or Parquet',
		positionals: { db: { describe: 'database written by detbal run or detbal import' } },
		options: {
			counts: {
				type: 'string',
				describe: 'file to write: how often each source led to each target',
			},
			attempts: { type: 'string', describe: 'file to write: all attempts from each source' },
			run: { type: 'number', describe: 'this run only', defaultText: 'all runs and imports' },
			import: { type: 'number', describe: 'this import only' },
			force: { type: 'boolean', describe: 'overwrite files that are there' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal export run.sqlite --counts counts.csv --attempts attempts.csv', 'for detbal import'],
			['detbal export run.sqlite --counts counts.parquet', 'for a data frame'],
		],
		load: () => import('./export.js'),
	},
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
		load: () => import('./compare.js'),
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
		load: () => import('./power.js'),
	},
	{
		usage: 'models <action> [names..]',
		describe: 'list, inspect, build, verify or pull models',
		positionals: {
			action: {
				describe: 'what to do',
				choices: ['list', 'inspect', 'build', 'verify', 'pull'],
			},
			names: { describe: 'model ids, or GGUF files for inspect' },
		},
		options: {
			offline: { type: 'boolean', describe: 'pull: use what is here, no network call' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal models list', 'what models there are'],
			['detbal models build', 'make the calibration models'],
			['detbal models pull smollm2-135m-instruct', 'fetch a real model and check it'],
			['detbal models inspect model.gguf', 'what a file says about itself'],
		],
		load: () => import('./models.js'),
	},
];
