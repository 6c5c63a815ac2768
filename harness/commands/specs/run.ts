import { CACHE_OPTIONS } from '../cache-options.js';
import { type CommandSpec, JSON_OPTION } from '../command.js';

/** Commands: making and repeating runs. */
export const RUN: readonly CommandSpec[] = [
	{
		usage: 'demo',
		describe: 'run, verify and repeat experiments on the models that come with detbal',
		positionals: {},
		options: {
			db: { type: 'string', describe: 'database to write', defaultText: 'results/demo.sqlite' },
		},
		examples: [['detbal demo', 'the main job from beginning to end, about four minutes']],
		load: () => import('../demo.js'),
	},
	{
		usage: 'init [file]',
		describe: 'write a commented experiment file to start from',
		positionals: { file: { describe: 'where to write it (default experiment.yaml)' } },
		options: {},
		examples: [['detbal init my-experiment.yaml', 'then edit it']],
		load: () => import('../init.js'),
	},
	{
		usage: 'plan <file>',
		describe: 'say what a run would do and cost, without writing anything',
		positionals: { file: { describe: 'experiment file (YAML)' } },
		options: { json: JSON_OPTION },
		examples: [['detbal plan experiment.yaml', 'cells, attempts, evaluations, time, disk']],
		load: () => import('../plan.js'),
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
			...CACHE_OPTIONS,
			'dry-run': { type: 'boolean', describe: 'the same as: detbal plan FILE' },
			json: JSON_OPTION,
		},
		examples: [
			['detbal run experiment.yaml', 'run it'],
			['detbal run experiment.yaml --resume', 'go on after Ctrl-C, a crash or a full disk'],
			['detbal run experiment.yaml --cache', 'evaluate nothing twice, in later runs either'],
			['detbal run experiment.yaml --shard 1/4 --db part1.sqlite', 'a quarter of the plan'],
		],
		load: () => import('../run.js'),
	},
	{
		usage: 'rerun <db>',
		describe:
			'repeat a run from its record, compare every transition bit for bit, and note the result',
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
		load: () => import('../rerun.js'),
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
		load: () => import('../merge.js'),
	},
];
